"""Receipts: a numbered proof of each payment, without a gap in a year's numbers."""

from dataclasses import dataclass
from datetime import datetime

from domain.clock import now
from domain.errors import NotFound
from domain.i18n import gettext as _
from models.database import fetch, fetch_one, fetch_value

LATEST = 12


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """What a receipt says; `amount` is 10^-8."""

    number: str
    amount: int
    currency: str
    issued_at: datetime
    received_from: str
    processor: str
    payment_code: str


# A sequence would leave a gap at every rollback, which an auditor asks about; the counter row rolls back with the rest.
_NEXT_NUMBER = """
INSERT INTO receipt_counters (year, last_number) VALUES ($1, 1)
ON CONFLICT (year) DO UPDATE SET last_number = receipt_counters.last_number + 1
RETURNING last_number
"""
_ISSUE = """
INSERT INTO receipts (number, account, payment, amount, currency, issued_at) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def issue_receipt(account_id: int, *, payment_id: int, amount: int, currency: str) -> str:
    """Number a payment of `amount` (10^-8) in the caller's transaction; the answer is like "R-2026-000001"."""
    moment = now()
    number = f"R-{moment.year}-{await fetch_value(_NEXT_NUMBER, moment.year):06}"
    await fetch(_ISSUE, number, account_id, payment_id, amount, currency, moment)
    return number


_RECEIPTS = """
SELECT r.number, r.amount, r.currency, r.issued_at, a.username AS received_from, p.processor, p.code AS payment_code
  FROM receipts r JOIN payments p ON p.id = r.payment JOIN accounts a ON a.id = r.account
 WHERE r.account = $1
"""


async def find_receipt(account_id: int, number: str) -> ReceiptView:
    """One of the customer's own receipts. Raises NotFound."""
    row = await fetch_one(f"{_RECEIPTS} AND r.number = $2", account_id, number)
    if row is None:
        raise NotFound(_("There is no such receipt."))
    return ReceiptView(**row)


async def find_receipt_of_payment(account_id: int, payment_id: int) -> ReceiptView | None:
    """The receipt of one of the customer's own payments; None before it is paid."""
    row = await fetch_one(f"{_RECEIPTS} AND r.payment = $2", account_id, payment_id)
    return ReceiptView(**row) if row else None


async def list_receipts(account_id: int, *, limit: int = LATEST) -> list[ReceiptView]:
    """The customer's receipts, the newest first."""
    rows = await fetch(f"{_RECEIPTS} ORDER BY r.id DESC LIMIT $2", account_id, limit)
    return [ReceiptView(**row) for row in rows]
