"""The statement: every entry of a wallet, the newest first, with the balance it left."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.wallet.ledger import Posting
from models.database import fetch

PAGE_SIZE = 30
_CHUNK = 1000


class StatementPart(StrEnum):
    """Which entries to show."""

    ALL = "all"
    ADDED = "added"
    SPENT = "spent"
    REFUNDED = "refunded"


_KINDS = {
    StatementPart.ALL: None,
    StatementPart.ADDED: Posting.TOP_UP,
    StatementPart.SPENT: Posting.CHARGE,
    StatementPart.REFUNDED: Posting.REFUND,
}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry; amounts are 10^-8, `reference` is an order's or a payment's code."""

    id: int
    kind: str
    reference: str
    amount: int
    balance_after: int
    receipt: str | None
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    """The newest entries of what was asked for; more follow unless it is the last page."""

    lines: list[StatementLine]
    is_last: bool


_STATEMENT = """
SELECT e.id, t.kind, t.reference, e.amount, e.balance_after, r.number AS receipt, e.happened_at
  FROM ledger_accounts w
  JOIN ledger_entries e ON e.account = w.id
  JOIN ledger_transactions t ON t.id = e.transaction
  LEFT JOIN payments p ON t.kind = 'top_up' AND p.code = t.reference
  LEFT JOIN receipts r ON r.payment = p.id
 WHERE w.owner = $1 AND w.kind = 'wallet' AND w.currency = $2
   AND ($3::text IS NULL OR t.kind = $3) AND ($4::bigint IS NULL OR e.id < $4)
 ORDER BY e.id DESC
 LIMIT $5
"""


async def read_statement(
    account_id: int, *, currency: str, part: StatementPart = StatementPart.ALL, before: int | None = None
) -> StatementPage:
    """A page of the statement, from the newest entry or from the one older than entry `before`."""
    lines = await _list_lines(account_id, currency, part, before, limit=PAGE_SIZE + 1)
    return StatementPage(lines[:PAGE_SIZE], is_last=len(lines) <= PAGE_SIZE)


async def walk_statement(account_id: int, *, currency: str, part: StatementPart) -> AsyncIterator[list[StatementLine]]:
    """The whole statement in chunks, so that a long one never stands in memory at once."""
    before = None
    while lines := await _list_lines(account_id, currency, part, before, limit=_CHUNK):
        yield lines
        before = lines[-1].id


async def _list_lines(
    account_id: int, currency: str, part: StatementPart, before: int | None, *, limit: int
) -> list[StatementLine]:
    rows = await fetch(_STATEMENT, account_id, currency, _KINDS[part], before, limit)
    return [StatementLine(**row) for row in rows]
