"""How an attempt ended, recorded with what follows for the order, in one transaction each."""

from asyncpg import UniqueViolationError

from domain import money, orders
from domain.clock import now
from domain.dispatch.cases import close_case, open_case, unsent_cause
from domain.dispatch.desk import Desk
from domain.dispatch.health import note_success, note_trouble
from domain.dispatch.providers import Reason, Rejected
from domain.dispatch.starting import Attempt, find_choice, postpone
from domain.jobs import Job, enqueue
from domain.orders import Actor
from models.catalog import Trouble
from models.database import fetch, fetch_one, fetch_value, transaction
from models.dispatch import CaseKind, DispatchState
from models.orders import OrderState

_END = """
UPDATE dispatches SET state = $2, note = $3, reason = $4, ended_at = $5 WHERE id = $1 AND state = 'started' RETURNING id
"""
# A late answer still counts: an attempt that was taken for unknown may turn out to be accepted.
_ACCEPT = """
WITH before AS (SELECT id, state FROM dispatches WHERE id = $1 FOR NO KEY UPDATE)
UPDATE dispatches d SET state = 'accepted', external_id = $2, ended_at = $3
  FROM before WHERE d.id = before.id AND before.state IN ('started', 'unknown')
RETURNING before.state AS was
"""


async def record_accepted(attempt: Attempt, external_id: str, desk: Desk) -> None:
    """The provider has the order and named it."""
    try:
        async with transaction():
            await _accept(attempt, external_id, desk)
    except UniqueViolationError:
        # Two orders under one id would be polled, and paid back, as one.
        await record_unknown(attempt.dispatch_id, "id_taken", external_id=external_id)


async def _accept(attempt: Attempt, external_id: str, desk: Desk) -> None:
    was = await fetch_value(_ACCEPT, attempt.dispatch_id, external_id, now())
    first_check = now() + desk.pace.after(0)
    if was is None or not await orders.move(
        attempt.order_id, OrderState.PENDING, actor=Actor.WORKER, next_check_at=first_check
    ):
        await _open_late_case(attempt, external_id)
    elif was == DispatchState.UNKNOWN:
        await close_case(f"dispatch:{attempt.dispatch_id}")
    await close_case(unsent_cause(attempt.order_id))
    await note_success(attempt.provider_id, Trouble.SENDING)


async def _open_late_case(attempt: Attempt, external_id: str) -> None:
    """A person has decided otherwise in the meantime; now the order may be carried out twice, or after its refund."""
    await open_case(
        CaseKind.UNKNOWN_DISPATCH,
        f"dispatch:{attempt.dispatch_id}:late",
        "accepted_too_late",
        {"dispatch": attempt.dispatch_id, "external_id": external_id, "provider": attempt.provider_key},
    )


async def record_rejected(attempt: Attempt, rejected: Rejected, desk: Desk) -> None:
    """The provider refused, and so does not have the order; its reason decides what follows (API v2 contract, 6)."""
    async with transaction():
        ended = await fetch_one(
            _END, attempt.dispatch_id, DispatchState.REJECTED, rejected.sentence, rejected.reason, now()
        )
        if ended is None:
            return
        if rejected.reason == Reason.PROVIDER:
            await note_trouble(attempt.provider_id, Trouble.SENDING, rejected.sentence)
            await postpone(attempt.order_id)
        else:
            await note_success(attempt.provider_id, Trouble.SENDING)
            await _follow_reason(attempt, rejected, desk)


async def _follow_reason(attempt: Attempt, rejected: Rejected, desk: Desk) -> None:
    if rejected.reason == Reason.ORDER:
        await _cancel(attempt, rejected.reason, desk)
    elif rejected.reason == Reason.SERVICE:
        await _go_elsewhere(attempt, desk)
    elif await _was_unknown_before(attempt):
        await _park(attempt.order_id)
        await _open_unknown_case(attempt.dispatch_id, external_id=None)
    else:
        await postpone(attempt.order_id)


async def _cancel(attempt: Attempt, reason: Reason, desk: Desk) -> None:
    order = await orders.lock(attempt.order_id)
    await orders.finish(
        order,
        OrderState.CANCELED,
        refund=order.charge,
        actor=Actor.WORKER,
        note=reason,
        secret_key=desk.secret_key,
    )
    await close_case(unsent_cause(attempt.order_id))


async def _go_elsewhere(attempt: Attempt, desk: Desk) -> None:
    """This provider's list says otherwise by now: have it read again, and try the next provider at once, if any."""
    await fetch("UPDATE providers SET synced_at = NULL WHERE id = $1", attempt.provider_id)
    if await find_choice(attempt.order_id, attempt.service_id, desk.providers.keys()):
        await enqueue(Job.DISPATCH_ORDER, attempt.order_id)
    else:
        await _cancel(attempt, Reason.SERVICE, desk)


_WAS_UNKNOWN = """
SELECT EXISTS (SELECT FROM dispatches d JOIN cases c ON c.cause = 'dispatch:' || d.id WHERE d."order" = $1)
"""


async def _was_unknown_before(attempt: Attempt) -> bool:
    """An "active order" on the link of an order that may have arrived before is evidence that it did."""
    return bool(await fetch_value(_WAS_UNKNOWN, attempt.order_id))


async def record_not_sent(attempt: Attempt, note: str) -> None:
    """Nothing left the shop, so the order is sent later."""
    async with transaction():
        if await fetch_one(_END, attempt.dispatch_id, DispatchState.NOT_SENT, note, "", now()):
            await note_trouble(attempt.provider_id, Trouble.SENDING, note)
            await postpone(attempt.order_id)


async def record_unknown(dispatch_id: int, note: str, *, external_id: str | None = None) -> None:
    """Nobody knows whether the provider has the order: park it for a person, neither sent again nor refunded.

    `note` is the provider's or the gateway's own sentence, or a word of ours that staff read as one.
    """
    async with transaction():
        if await fetch_one(_END, dispatch_id, DispatchState.UNKNOWN, note, "", now()):
            await _park(await fetch_value('SELECT "order" FROM dispatches WHERE id = $1', dispatch_id))
            await _open_unknown_case(dispatch_id, external_id=external_id)


async def _park(order_id: int) -> None:
    await orders.move(order_id, OrderState.PARKED, actor=Actor.WORKER)


_EVIDENCE = """
SELECT o.code, p.key, ps.external_id, d.expected_cost, d.started_at
  FROM dispatches d JOIN orders o ON o.id = d."order" JOIN providers p ON p.id = d.provider
  JOIN provider_services ps ON ps.id = d.provider_service WHERE d.id = $1
"""


async def _open_unknown_case(dispatch_id: int, *, external_id: str | None) -> None:
    row = await fetch_one(_EVIDENCE, dispatch_id)
    if row is None:
        raise LookupError(f"There is no dispatch {dispatch_id}.")
    await open_case(
        CaseKind.UNKNOWN_DISPATCH,
        f"dispatch:{dispatch_id}",
        "unclear_answer",
        {
            "order": row["code"],
            "dispatch": dispatch_id,
            "provider": row["key"],
            "provider_service": row["external_id"],
            "external_id": external_id,
            "expected_cost": money.plain(row["expected_cost"]),
            "started_at": row["started_at"].isoformat(timespec="seconds"),
        },
    )
