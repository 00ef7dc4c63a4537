"""A payment as the shop reads it: for its owner, for a check, and under a lock."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from domain.errors import NotFound
from domain.i18n import gettext as _
from models.database import fetch, fetch_one
from models.payments import PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """One attempt to pay `amount` (10^-8, whole cents) through `processor`; `reference` is the processor's own id."""

    id: int
    code: str
    account_id: int
    cart_id: int | None
    processor: str
    state: PaymentState
    amount: int
    currency: str
    reference: str | None
    pay_url: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    decided_at: datetime | None
    checks: int


def read(row: asyncpg.Record) -> PaymentView:
    """The view of a whole row of the table."""
    return PaymentView(
        id=row["id"],
        code=row["code"],
        account_id=row["account"],
        cart_id=row["cart"],
        processor=row["processor"],
        state=PaymentState(row["state"]),
        amount=row["amount"],
        currency=row["currency"],
        reference=row["processor_reference"],
        pay_url=row["pay_url"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        paid_at=row["paid_at"],
        decided_at=row["decided_at"],
        checks=row["checks"],
    )


async def find_of_account(account_id: int, code: str) -> PaymentView:
    """One of the customer's own payments. Raises NotFound."""
    return _existing(await fetch_one("SELECT * FROM payments WHERE account = $1 AND code = $2", account_id, code))


async def list_unfinished(account_id: int) -> list[PaymentView]:
    """The customer's payments that were handed over and are neither paid nor given up, the newest first."""
    states = [PaymentState.PENDING, PaymentState.PROCESSING, PaymentState.REVIEW]
    query = "SELECT * FROM payments WHERE account = $1 AND state = ANY ($2) ORDER BY id DESC LIMIT 10"
    return [read(row) for row in await fetch(query, account_id, states)]


async def find(payment_id: int) -> PaymentView:
    """Raises NotFound."""
    return _existing(await fetch_one("SELECT * FROM payments WHERE id = $1", payment_id))


async def lock(payment_id: int) -> PaymentView:
    """The payment, held until the running transaction ends. Raises NotFound."""
    return _existing(await fetch_one("SELECT * FROM payments WHERE id = $1 FOR UPDATE", payment_id))


def _existing(row: asyncpg.Record | None) -> PaymentView:
    if row is None:
        raise NotFound(_("There is no such payment."))
    return read(row)
