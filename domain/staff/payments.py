"""Payments as staff see them: every customer's, with what the processor told us of each."""

import json
from dataclasses import dataclass
from typing import cast

from piccolo.columns.combination import Where

from domain.errors import NotFound
from domain.i18n import gettext as _
from domain.staff.access import log_access
from domain.staff.lists import Page, Row, read_page, rows_of
from models.accounts import Account
from models.database import fetch_one, transaction
from models.payments import Payment, PaymentState
from models.staff import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """All there is about one payment; of a notification only the fields that may be kept."""

    payment: Row
    events: list[Row]
    notifications: list[Row]
    orders: list[Row]
    cases: list[Row]


async def list_payments(*, state: PaymentState | None = None, search: str = "", before: int | None = None) -> Page:
    """Payments of everybody. `search` is a customer's username, or the code of a payment, ours or the processor's."""
    query = Payment.select(
        Payment.id,
        Payment.code,
        Payment.state,
        Payment.amount,
        Payment.processor,
        Payment.processor_reference,
        Payment.created_at,
        Payment.account.username.as_alias("customer"),
    )
    if state is not None:
        query = query.where(Payment.state == state)
    if search:
        query = query.where(await _matches(search))
    return await read_page(query, Payment, before=before)


async def find_payment(code: str, *, staff_id: int) -> PaymentFile:
    """Open one payment, and log that this member of staff did. Raises NotFound."""
    async with transaction():
        payment = await fetch_one(_FIND, code)
        if payment is None:
            raise NotFound(_("There is no such payment."))
        await log_access(staff_id, payment["account"], what=Seen.PAYMENT, reference=code)
    notifications = await rows_of(_NOTIFICATIONS, payment["id"])
    return PaymentFile(
        payment=dict(payment),
        events=await rows_of(_EVENTS, payment["id"]),
        notifications=[{**row, "fields": json.loads(row["fields"])} for row in notifications],
        orders=await rows_of(_ORDERS, payment["cart"]),
        cases=await rows_of(_CASES, str(payment["id"])),
    )


async def _matches(search: str) -> Where:
    """One condition that an index answers."""
    account = await Account.select(Account.id).where(Account.username_key == search.casefold()).first()
    if account is not None:
        return cast(Where, Payment.account == account["id"])
    if await Payment.exists().where(Payment.code == search):
        return Payment.code == search
    return Payment.processor_reference == search


_FIND = """
SELECT p.*, r.number AS receipt, r.amount AS credited, a.username, a.email, a.created_at AS customer_since
  FROM payments p JOIN accounts a ON a.id = p.account LEFT JOIN receipts r ON r.payment = p.id
 WHERE p.code = $1
"""
_EVENTS = "SELECT state, note, happened_at FROM payment_events WHERE payment = $1 ORDER BY id DESC"
_NOTIFICATIONS = """
SELECT kind, fields, encode(body_sha256, 'hex') AS body_sha256, deliveries, received_at, handled_at
  FROM notifications WHERE payment = $1 ORDER BY id DESC
"""
_ORDERS = "SELECT code, state, charge FROM orders WHERE cart = $1 ORDER BY id"
_CASES = """
SELECT id, state, summary, opened_at FROM cases
 WHERE split_part(cause, ':', 1) = 'payment' AND split_part(cause, ':', 2) = $1 ORDER BY id DESC
"""
