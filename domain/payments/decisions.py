"""What a person decides about a payment in review: credit what was asked, credit what arrived, or credit nothing."""

import json
from dataclasses import dataclass

from domain.clock import now
from domain.errors import Refused
from domain.i18n import gettext as _
from domain.jobs import Job, enqueue
from domain.payments import moves
from domain.payments.payment import PaymentView, lock
from domain.payments.settlement import close_unpaid, credit
from domain.staff.cases import check_reason
from models.database import fetch_one, fetch_value, transaction
from models.payments import PaymentNote


async def credit_asked(case_id: int, *, staff_id: int, reason: str) -> None:
    """Credit the sum that was asked for, as if it had arrived so.

    Raises Invalid without a reason, and Refused when somebody decided first.
    """
    async with transaction():
        held = await _decide(case_id, staff_id, reason)
        await _credit(held.payment, held.payment.amount, PaymentNote.CREDITED_AS_ASKED)


async def credit_arrived(case_id: int, *, staff_id: int, reason: str) -> None:
    """Credit the other sum that arrived, as the processor told it when the case was opened.

    Raises Invalid without a reason, and Refused when it is not known, or when somebody decided first.
    """
    async with transaction():
        held = await _decide(case_id, staff_id, reason)
        if held.arrived is None:
            raise Refused(_("The processor told no other sum in the currency that was asked for."))
        await _credit(held.payment, held.arrived, PaymentNote.CREDITED_AS_ARRIVED)


async def refuse_credit(case_id: int, *, staff_id: int, reason: str) -> None:
    """Credit nothing, now and later, and give the cart back.

    Raises Invalid without a reason, and Refused when somebody decided first.
    """
    async with transaction():
        held = await _decide(case_id, staff_id, reason)
        await close_unpaid(held.payment, moves.FAILED, note=PaymentNote.NOT_CREDITED, is_decision=True)


@dataclass(frozen=True, slots=True)
class _Held:
    """A payment in review, locked; `arrived` (10^-8) is the other sum that came, if it is known."""

    payment: PaymentView
    arrived: int | None


async def _credit(payment: PaymentView, amount: int, note: PaymentNote) -> None:
    await credit(payment, amount=amount, note=note, is_decision=True)
    # From here on it is watched like any paid one: money that is taken back later opens a case.
    await enqueue(Job.CHECK_PAYMENT, payment.id)


_FIND = """
SELECT p.id, c.evidence FROM cases c JOIN payments p ON c.cause = 'payment:' || p.id || ':review'
 WHERE c.id = $1 AND c.kind = 'payment_mismatch'
"""
_CLOSE = """
UPDATE cases SET state = 'decided', decided_by = $2, decision = $3, decided_at = $4
 WHERE id = $1 AND state = 'open' RETURNING id
"""


async def _decide(case_id: int, staff_id: int, reason: str) -> _Held:
    """Close the case, in the running transaction; the reason stays there, where the customer does not read it."""
    check_reason(reason)
    found = await fetch_one(_FIND, case_id)
    if found is None:
        raise _too_late()
    payment = await lock(found["id"])
    if payment.state is not moves.REVIEW or await fetch_value(_CLOSE, case_id, staff_id, reason, now()) is None:
        raise _too_late()
    return _Held(payment, json.loads(found["evidence"])["arrived"])


def _too_late() -> Refused:
    return Refused(_("This was decided a moment ago, or the payment is not in review any more."))
