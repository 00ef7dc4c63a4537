"""Cases: what automation flagged and a person must decide (promise P8)."""

import json
from dataclasses import dataclass

from domain.clock import now
from domain.errors import Invalid, NotFound, Refused
from domain.i18n import gettext as _
from domain.staff.access import log_access
from domain.staff.lists import Page, Row, read_page
from models.database import fetch_one, fetch_value, transaction
from models.dispatch import Case, CaseKind, CaseState
from models.orders import OrderState
from models.payments import PaymentState
from models.staff import Seen

MAX_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with what it is about: an order's dispatch, an order or a payment; None where it is not."""

    case: Row
    dispatch: Row | None
    order: Row | None
    payment: Row | None

    @property
    def parks_order(self) -> bool:
        """Whether an order waits for this decision: to be attached, sent again or refunded."""
        return self.order is not None and self.order["state"] == OrderState.PARKED

    @property
    def awaits_refund(self) -> bool:
        """Whether a customer waits to hear how much of a partial delivery goes back."""
        return bool(self.case["kind"] == CaseKind.UNDECIDED_REFUND)

    @property
    def awaits_provider(self) -> bool:
        """Whether an order still waits for a provider to take it."""
        return (
            self.case["kind"] == CaseKind.UNSENT_ORDER
            and self.order is not None
            and self.order["state"] == OrderState.PLACED
        )

    @property
    def holds_payment(self) -> bool:
        """Whether a payment waits in review for this decision."""
        return self.payment is not None and self.payment["state"] == PaymentState.REVIEW

    @property
    def about(self) -> Row | None:
        """The row that says whose data this is."""
        return self.order or self.payment


async def list_cases(*, state: CaseState | None = CaseState.OPEN, before: int | None = None) -> Page:
    query = Case.select(
        Case.id, Case.kind, Case.state, Case.summary, Case.evidence, Case.opened_at, Case.decided_at, Case.decision
    ).output(load_json=True)
    if state is not None:
        query = query.where(Case.state == state)
    return await read_page(query, Case, before=before)


async def find_case(case_id: int, *, staff_id: int) -> CaseFile:
    """Open a case, and log that this member of staff saw the customer's data in it. Raises NotFound."""
    async with transaction():
        row = await fetch_one(_FIND, case_id)
        if row is None:
            raise NotFound(_("There is no such case."))
        file = await _complete(dict(row))
        if file.about is not None:
            await log_access(staff_id, file.about["account"], what=Seen.CASE, reference=str(case_id))
    return file


async def close_case(case_id: int, *, staff_id: int, reason: str) -> None:
    """Note a decision that needs no further step of ours.

    Raises Invalid without a reason, and Refused when somebody else decided first, or while an order, its refund
    or a payment waits for the case: that one needs a decision in domain/dispatch or domain/payments.
    """
    check_reason(reason)
    if await fetch_value(_CLOSE, case_id, staff_id, reason, now()) is None:
        raise Refused(
            _("Somebody else decided this case a moment ago, or what it is about still waits for a decision.")
        )


def check_reason(reason: str) -> None:
    """Every decision of a person says why. Raises Invalid."""
    if faults := faults_of(reason):
        raise Invalid(faults)


def faults_of(reason: str) -> dict[str, str]:
    """What is wrong with a reason, by the field's name."""
    if not reason:
        return {"reason": _("Say why, so that the next person understands it.")}
    if len(reason) > MAX_REASON:
        return {"reason": _("Use at most %(count)s characters.") % {"count": MAX_REASON}}
    return {}


async def _complete(case: Row) -> CaseFile:
    """Find what the case is about: its cause starts with the kind and id of a row, such as "dispatch:17"."""
    kind, number, *_rest = f"{case['cause']}:".split(":")
    dispatch = await fetch_one(_DISPATCH, int(number)) if kind == "dispatch" else None
    order_id = dispatch["order"] if dispatch else int(number) if kind == "order" else None
    order = await fetch_one(_ORDER, order_id) if order_id is not None else None
    payment = await fetch_one(_PAYMENT, int(number)) if kind == "payment" else None
    return CaseFile(
        case={**case, "evidence": json.loads(case["evidence"])},
        dispatch=dict(dispatch) if dispatch else None,
        order=dict(order) if order else None,
        payment=dict(payment) if payment else None,
    )


_FIND = """
SELECT c.*, a.username AS decided_by_name FROM cases c
  LEFT JOIN staff_members m ON m.id = c.decided_by LEFT JOIN accounts a ON a.id = m.account WHERE c.id = $1
"""
_DISPATCH = """
SELECT d.*, p.name AS provider_name, p.currency AS provider_currency, ps.external_id AS external_service
  FROM dispatches d JOIN providers p ON p.id = d.provider JOIN provider_services ps ON ps.id = d.provider_service
 WHERE d.id = $1
"""
_ORDER = """
SELECT o.*, s.name AS service_name, a.username, a.email, a.created_at AS customer_since FROM orders o
  JOIN services s ON s.id = o.service JOIN accounts a ON a.id = o.account WHERE o.id = $1
"""
_PAYMENT = """
SELECT p.*, a.username, a.email, a.created_at AS customer_since FROM payments p
  JOIN accounts a ON a.id = p.account WHERE p.id = $1
"""
_CLOSE = """
UPDATE cases SET state = 'decided', decided_by = $2, decision = $3, decided_at = $4
 WHERE id = $1 AND state = 'open' AND kind <> 'undecided_refund' AND NOT EXISTS (
       SELECT FROM dispatches d JOIN orders o ON o.id = d."order"
        WHERE cases.cause = 'dispatch:' || d.id AND o.state = 'parked') AND NOT EXISTS (
       SELECT FROM orders o
        WHERE kind = 'unsent_order' AND o.id = split_part(cases.cause, ':', 2)::bigint AND o.state = 'placed'
       ) AND NOT EXISTS (
       SELECT FROM payments p WHERE cases.cause = 'payment:' || p.id || ':review' AND p.state = 'review')
RETURNING id
"""
