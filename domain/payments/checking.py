"""Checking: the processor is asked what became of a payment, by one process at a time, until the answer is final."""

from datetime import datetime, timedelta

from domain.clock import now
from domain.jobs import Job, enqueue
from domain.payments import moves
from domain.payments.alarms import report
from domain.payments.payment import PaymentView, lock, read
from domain.payments.processors import Processor, ProcessorError, Processors
from domain.payments.settlement import close_unpaid, settle
from domain.payments.starting import CLAIM, attach
from models.database import fetch, fetch_one, transaction
from models.payments import PaymentNote, PaymentState

# After each check that settled nothing the next waits longer (payments contract, chapter 7.5).
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# Late money is looked for this long after the page closed, money taken back this long after it came: a processor need
# not tell of either.
WATCH_AFTER_EXPIRY = timedelta(hours=48)
WATCH_PAID = timedelta(days=30)
DAILY = timedelta(days=1)
# A customer's own browser can send notifications as fast as it likes; the processor is asked no faster than this.
GAP = timedelta(seconds=3)

RECONCILE_AT_MOST = 200
JOB_LOST_AFTER = timedelta(minutes=1)


async def check(payment_id: int, processors: Processors) -> None:
    """Ask the processor about one payment and act on its answer; not inside a transaction.

    Does nothing while another check is under way or has just ended: whoever asked for this one has left its wish in
    `next_check_at`, where the schedule finds it.
    """
    payment = await _claim(payment_id)
    if payment is None:
        return
    started_at = now()
    try:
        await _ask(payment, processors[payment.processor])
        await _mark_handled(payment, before=started_at)
    except ProcessorError as error:
        report("payment_not_checked", payment, error)
    await _plan_next(payment)


async def reconcile(processors: Processors) -> list[int]:
    """Queue a check of every payment that is due, also where the notification or its job was lost; say which."""
    async with transaction():
        moment = now()
        rows = await fetch(_TAKE_DUE, moment, list(processors), RECONCILE_AT_MOST, moment + JOB_LOST_AFTER)
        due = [row["id"] for row in rows]
        if due:
            await enqueue(Job.CHECK_PAYMENT, *due)
    return due


# The next look is moved on at once, so that a backlog is not queued again with every run of the schedule.
_TAKE_DUE = """
UPDATE payments SET next_check_at = $4
 WHERE id IN (SELECT id FROM payments
               WHERE next_check_at <= $1 AND (checking_until IS NULL OR checking_until <= $1) AND processor = ANY ($2)
               ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING id
"""

# The claim is also the next check: should this process die, the schedule comes back when the claim is over.
_CLAIM = """
UPDATE payments SET checking_until = $2, next_check_at = $2, checks = least(checks + 1, 1000)
 WHERE id = $1 AND (checking_until IS NULL OR checking_until <= $3)
RETURNING *
"""


async def _claim(payment_id: int) -> PaymentView | None:
    row = await fetch_one(_CLAIM, payment_id, now() + CLAIM, now())
    return read(row) if row else None


async def _ask(payment: PaymentView, processor: Processor) -> None:
    if payment.reference is not None:
        await settle(payment.id, await processor.find_truth(payment.reference))
    elif page := await processor.find(payment.code, created_at=payment.created_at):
        await attach(payment, page)


_MARK_HANDLED = """
UPDATE notifications SET handled_at = $3 WHERE payment = $1 AND handled_at IS NULL AND received_at <= $2
"""


async def _mark_handled(payment: PaymentView, *, before: datetime) -> None:
    """What came before the question was asked is answered by it."""
    await fetch(_MARK_HANDLED, payment.id, before, now())


# A notification that came while this check was asking has moved `next_check_at` away from the claim; its wish stands.
_PLAN = """
UPDATE payments
   SET checking_until = $2, next_check_at = CASE WHEN next_check_at = checking_until THEN $3 ELSE next_check_at END
 WHERE id = $1
"""


async def _plan_next(payment: PaymentView) -> None:
    """Say when to ask again, or end a payment that nothing more will be heard of."""
    async with transaction():
        current = await lock(payment.id)
        moment = now()
        if over := _find_end(current, moment):
            await close_unpaid(current, over, note=PaymentNote.NO_ANSWER)
        await fetch(_PLAN, current.id, moment + GAP, None if over else _find_next_check(current, moment))


def _find_end(payment: PaymentView, moment: datetime) -> PaymentState | None:
    """The state in which a payment ends because its time is over without an answer."""
    if payment.state is moves.CREATED and moment >= payment.expires_at:
        return moves.FAILED
    if payment.state is moves.PENDING and moment >= payment.expires_at + WATCH_AFTER_EXPIRY:
        return moves.EXPIRED
    return None


def _find_next_check(payment: PaymentView, moment: datetime) -> datetime | None:
    if payment.paid_at is not None:
        return moment + DAILY if moment < payment.paid_at + WATCH_PAID else None
    watched = payment.state in PaymentState.open_states() or (
        payment.state in PaymentState.soft_final_states()
        and payment.decided_at is None
        and moment < payment.expires_at + WATCH_AFTER_EXPIRY
    )
    return moment + PAUSES[min(payment.checks, len(PAUSES) - 1)] if watched else None
