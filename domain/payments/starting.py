"""Starting a payment: the intention is saved, then the processor is asked for its page, then its answer is saved."""

from dataclasses import replace
from datetime import timedelta

from domain import money
from domain.clock import now
from domain.errors import Refused
from domain.i18n import gettext as _
from domain.orders.codes import new_code
from domain.payments import moves
from domain.payments.alarms import report
from domain.payments.payment import PaymentView, find, read
from domain.payments.processors import HostedPage, Intent, Processor, ProcessorDown, ProcessorRefused
from domain.payments.settlement import close_unpaid
from models.database import fetch, fetch_one, fetch_value, transaction
from models.payments import PaymentNote, PaymentState

LIFETIME = timedelta(minutes=60)  # also how long the processor's page accepts money

# Longer than a gateway's time-outs together. Until it is over nobody else asks the processor about this payment, and
# a process that died in mid-call is found by the schedule.
CLAIM = timedelta(seconds=60)
FIRST_CHECK = timedelta(minutes=1)

# Each open payment is a bill at the processor and is asked about until it ends.
MOST_OPEN = 20


async def start(
    account_id: int, *, amount: int, cart_id: int | None, processor: Processor, currency: str, base_url: str
) -> PaymentView:
    """Make a payment of `amount` (10^-8, rounded up to whole cents) and find the page where it is paid.

    Not inside a transaction. Where the processor does not answer, `pay_url` stays "" and the payment's own page offers
    to try again; where it refuses, the payment has failed. Raises Refused as `intend` does.
    """
    payment = await intend(account_id, amount=amount, cart_id=cart_id, processor=processor.key, currency=currency)
    return await hand_over(payment, processor, base_url=base_url)


# Requests of one customer that arrive together are counted one after the other, and wait for nobody else.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('open payments of ' || $1::bigint, 0))"
_COUNT_OPEN = "SELECT count(*) FROM payments WHERE account = $1 AND state = ANY ($2)"
_INTEND = """
WITH intended AS (
    INSERT INTO payments (code, account, cart, processor, state, amount, currency, created_at, expires_at,
                          next_check_at, checking_until)
    VALUES ($1, $2, $3, $4, 'created', $5, $6, $7, $8, $9, $9)
    RETURNING *
), noted AS (
    INSERT INTO payment_events (payment, state, happened_at) SELECT id, state, created_at FROM intended
)
SELECT * FROM intended
"""


async def intend(account_id: int, *, amount: int, cart_id: int | None, processor: str, currency: str) -> PaymentView:
    """Save the intention to pay, in the caller's transaction if there is one; `hand_over` comes after its commit.

    Raises Refused while too many payments of this customer are open.
    """
    async with transaction():
        await fetch(_TAKE_TURNS, account_id)
        if await fetch_value(_COUNT_OPEN, account_id, PaymentState.open_states()) >= MOST_OPEN:
            raise Refused(_("Too many of your payments are still open. Finish one of them, or wait until they expire."))
        moment = now()
        values = (f"P{new_code()}", account_id, cart_id, processor, money.up_to_cents(amount), currency)
        [row] = await fetch(_INTEND, *values, moment, moment + LIFETIME, moment + CLAIM)
    return read(row)


async def hand_over(payment: PaymentView, processor: Processor, *, base_url: str) -> PaymentView:
    """Ask the processor for the page of a payment that was just intended, and save its answer."""
    return await _save_answer(payment, processor, base_url=base_url, seen_before=False)


async def try_again(payment: PaymentView, processor: Processor, *, base_url: str) -> PaymentView:
    """Ask once more for the page of a payment whose processor did not answer; an earlier call may have made it.

    Changes nothing while another request is asking, or when the page is known already.
    """
    claimed = await _claim(payment)
    if claimed is None:
        return payment
    return await _save_answer(claimed, processor, base_url=base_url, seen_before=True)


_CLAIM_CREATED = """
UPDATE payments SET checking_until = $2, next_check_at = $2
 WHERE id = $1 AND state = 'created' AND expires_at > $3 AND (checking_until IS NULL OR checking_until <= $3)
RETURNING *
"""


async def _claim(payment: PaymentView) -> PaymentView | None:
    row = await fetch_one(_CLAIM_CREATED, payment.id, now() + CLAIM, now())
    return read(row) if row else None


async def _save_answer(payment: PaymentView, processor: Processor, *, base_url: str, seen_before: bool) -> PaymentView:
    try:
        page = await processor.find(payment.code, created_at=payment.created_at) if seen_before else None
        page = page or await processor.start(_build_intent(payment, base_url=base_url))
    except ProcessorDown as error:
        report("payment_not_started", payment, error)
        return await _release(payment)
    except ProcessorRefused as error:
        report("payment_refused", payment, error)
        return await _fail(payment)
    return await attach(payment, page)


def _build_intent(payment: PaymentView, *, base_url: str) -> Intent:
    return Intent(
        code=payment.code,
        amount=payment.amount,
        currency=payment.currency,
        description=_("Payment %(code)s") % {"code": payment.code},
        return_url=f"{base_url}/payments/{payment.code}",
        created_at=payment.created_at,
        lifetime=LIFETIME,
    )


_ATTACH = """
UPDATE payments SET processor_reference = $2, pay_url = $3, next_check_at = $4, checking_until = NULL
 WHERE id = $1 AND state = 'created'
RETURNING *
"""


async def attach(payment: PaymentView, page: HostedPage) -> PaymentView:
    """Save where the payment is paid; from here on the processor can be asked about it."""
    async with transaction():
        row = await fetch_one(_ATTACH, payment.id, page.reference, page.url, now() + FIRST_CHECK)
        await moves.move(payment.id, moves.PENDING)
    # No row: a check found the page first, and what it saved is what counts.
    return await find(payment.id) if row is None else replace(read(row), state=moves.PENDING)


async def _release(payment: PaymentView) -> PaymentView:
    """Let the next try ask at once."""
    await fetch("UPDATE payments SET checking_until = NULL WHERE id = $1 AND state = 'created'", payment.id)
    return payment


async def _fail(payment: PaymentView) -> PaymentView:
    async with transaction():
        await close_unpaid(payment, moves.FAILED, note=PaymentNote.REFUSED)
    return await find(payment.id)
