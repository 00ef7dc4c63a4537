"""What a person decides about an order: one of unknown whereabouts, one delivered in part, one that nobody takes."""

import re

from asyncpg import UniqueViolationError
from babel.numbers import format_decimal

from domain import money, orders
from domain.clock import now
from domain.errors import Invalid, Refused
from domain.i18n import gettext as _
from domain.i18n import locale
from domain.jobs import Job, enqueue
from domain.orders import Actor, LockedOrder
from domain.orders.placing import SEND_AGAIN_AFTER
from domain.staff.cases import check_reason, faults_of
from models.database import fetch_value, transaction
from models.dispatch import DispatchState
from models.orders import OrderState

MAX_EXTERNAL_ID = 100

# An exact charge has eight decimals. A comma with more than two may as well group thousands, so it is not read.
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8}|,[0-9]{1,2})?")


async def attach(case_id: int, *, external_id: str, staff_id: int, reason: str) -> None:
    """The provider has the order under `external_id`: follow it from now on.

    Raises Invalid without a reason, or for an id that is empty, too long or another order's, and Refused when somebody
    decided first.
    """
    if not 0 < len(external_id) <= MAX_EXTERNAL_ID:
        raise Invalid({"external_id": _("Give the id that the provider shows for this order."), **faults_of(reason)})
    try:
        async with transaction():
            order = await _decide(case_id, staff_id, reason, DispatchState.ACCEPTED, external_id=external_id)
            await _move(order, OrderState.PENDING)
    except UniqueViolationError:
        raise Invalid({"external_id": _("Another order already has this id at this provider.")}) from None


async def resend(case_id: int, *, staff_id: int, reason: str) -> None:
    """The provider surely does not have the order: send it again, as a new attempt.

    Raises Invalid without a reason, and Refused when somebody decided first.
    """
    async with transaction():
        order = await _decide(case_id, staff_id, reason, DispatchState.NOT_SENT)
        await _move(order, OrderState.PLACED)
        await enqueue(Job.DISPATCH_ORDER, order.id)


async def refund(case_id: int, *, staff_id: int, reason: str, secret_key: str) -> None:
    """Cancel the order, give all of its charge back and tell the customer; what the provider does is the shop's loss.

    Raises Invalid without a reason, and Refused when somebody decided first.
    """
    async with transaction():
        order = await _decide(case_id, staff_id, reason, DispatchState.REJECTED)
        canceled = await orders.finish(
            order, OrderState.CANCELED, refund=order.charge, actor=Actor.STAFF, secret_key=secret_key
        )
        if not canceled:
            raise _too_late()


async def give_back(case_id: int, typed: str, *, staff_id: int, reason: str, secret_key: str) -> None:
    """Say what goes back of an order that was delivered in part, and tell the customer.

    `typed` is an amount of the ledger currency, from 0 to what is left of the order's charge. Raises Invalid for
    another one or without a reason, and Refused when somebody, or a later report of the provider, decided first.
    """
    amount = _read_amount(typed, reason)
    async with transaction():
        order = await _close(_FIND_PARTIAL, case_id, staff_id, reason)
        if order.state is not OrderState.PARTIAL:
            raise _too_late()
        if amount > order.charge - order.refunded:
            raise _too_much(order.charge - order.refunded)
        await orders.settle(
            order, order.state, refund=order.refunded + amount, remains=order.remains, secret_key=secret_key
        )
        await orders.wake(order)


async def give_up(case_id: int, *, staff_id: int, reason: str, secret_key: str) -> None:
    """Cancel an order that no provider takes, give all of its charge back and tell the customer.

    Raises Invalid without a reason, and Refused when it is being sent at this moment or somebody decided first.
    """
    async with transaction():
        order = await _close(_FIND_UNSENT, case_id, staff_id, reason)
        if order.state is not OrderState.PLACED or await fetch_value(_IS_BEING_SENT, order.id):
            raise _too_late()
        await orders.finish(order, OrderState.CANCELED, refund=order.charge, actor=Actor.STAFF, secret_key=secret_key)


_FIND_ORDER = """
SELECT d."order" FROM cases c JOIN dispatches d ON c.cause = 'dispatch:' || d.id
 WHERE c.id = $1 AND c.kind = 'unknown_dispatch'
"""
# Rejected ones too: an "active order" answer to an order that may have arrived before parks it as well.
_DECIDE = """
WITH decided AS (
    UPDATE cases SET state = 'decided', decided_by = $2, decision = $3, decided_at = $4
     WHERE id = $1 AND state = 'open' AND kind = 'unknown_dispatch' RETURNING cause
)
UPDATE dispatches d SET state = $5, external_id = $6, ended_at = coalesce(d.ended_at, $4) FROM decided
 WHERE decided.cause = 'dispatch:' || d.id AND d.state IN ('unknown', 'rejected') RETURNING d.id
"""


async def _decide(
    case_id: int, staff_id: int, reason: str, to: DispatchState, *, external_id: str | None = None
) -> LockedOrder:
    """Close the case with what was decided of its attempt; the order stays locked for what follows."""
    check_reason(reason)
    order_id = await fetch_value(_FIND_ORDER, case_id)
    if order_id is None:
        raise _too_late()
    order = await orders.lock(order_id)
    if await fetch_value(_DECIDE, case_id, staff_id, reason, now(), to, external_id) is None:
        raise _too_late()
    return order


_FIND_PARTIAL = """
SELECT d."order" FROM cases c JOIN dispatches d ON d.id = split_part(c.cause, ':', 2)::bigint
 WHERE c.id = $1 AND c.kind = 'undecided_refund'
"""
_FIND_UNSENT = "SELECT split_part(cause, ':', 2)::bigint FROM cases WHERE id = $1 AND kind = 'unsent_order'"
_IS_BEING_SENT = """SELECT EXISTS (SELECT FROM dispatches WHERE "order" = $1 AND state = 'started')"""
_CLOSE = """
UPDATE cases SET state = 'decided', decided_by = $2, decision = $3, decided_at = $4
 WHERE id = $1 AND state = 'open' RETURNING id
"""


async def _close(find_order: str, case_id: int, staff_id: int, reason: str) -> LockedOrder:
    """Close the case with its reason; its order, which `find_order` finds, stays locked for what follows."""
    check_reason(reason)
    order_id = await fetch_value(find_order, case_id)
    if order_id is None:
        raise _too_late()
    order = await orders.lock(order_id)
    if await fetch_value(_CLOSE, case_id, staff_id, reason, now()) is None:
        raise _too_late()
    return order


def _read_amount(typed: str, reason: str) -> int:
    if not _AMOUNT.fullmatch(typed):
        raise Invalid({"amount": _("Enter an amount in figures, such as 0.25, or 0 for nothing."), **faults_of(reason)})
    return money.parse(typed.replace(",", "."))


def _too_much(left: int) -> Invalid:
    shown = format_decimal(money.decimal(left), "#,##0.00######", locale=locale.get())
    return Invalid({"amount": _("No more than %(left)s is left of what the customer paid.") % {"left": shown}})


async def _move(order: LockedOrder, to: OrderState) -> None:
    # The reason stays with the case: the order's own events are shown to the customer.
    next_check_at = now() + SEND_AGAIN_AFTER if to is OrderState.PLACED else now()
    if await orders.move(order.id, to, actor=Actor.STAFF, next_check_at=next_check_at) is None:
        raise _too_late()


def _too_late() -> Refused:
    return Refused(_("This was decided a moment ago, or nothing is in doubt any more."))
