"""Posting to the ledger: one statement writes both sides, and nothing else writes a balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asyncpg import UniqueViolationError

from domain.clock import now
from domain.errors import Refused, ShopError
from domain.i18n import gettext as _
from models.database import fetch, fetch_value
from models.wallet import LedgerKind


class InsufficientFunds(Refused):
    """The balance does not cover what is to be charged; nothing was posted."""


class AlreadyPosted(ShopError):
    """The cause has been posted before; PostgreSQL lets the transaction around the call only roll back."""


class Posting(StrEnum):
    """The kinds of ledger transactions that touch a wallet."""

    TOP_UP = "top_up"
    CHARGE = "charge"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Charge:
    """What one order takes from a wallet: `amount` in 10^-8, `cause` unique for ever, such as "order:17:charge"."""

    cause: str
    reference: str
    amount: int

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("A charge takes money; what gives it back is a refund.")


@dataclass(frozen=True, slots=True)
class _Line:
    """One change of an account's wallet: `amount` (10^-8) is signed."""

    owner: int
    cause: str
    reference: str
    amount: int


async def charge(account_id: int, charges: Sequence[Charge], *, currency: str) -> None:
    """Take every charge from the wallet, or none, in a single statement; call it in the transaction of the orders.

    Raises InsufficientFunds, and AlreadyPosted when one of the causes was charged before.
    """
    await charge_each({account_id: charges}, currency=currency)


async def charge_each(charges: Mapping[int, Sequence[Charge]], *, currency: str) -> None:
    """The same for several accounts, by their ids, in one statement: when one cannot pay, the caller undoes them all.

    Raises InsufficientFunds, and AlreadyPosted when one of the causes was charged before.
    """
    taken = [
        _Line(owner, line.cause, line.reference, -line.amount) for owner, lines in charges.items() for line in lines
    ]
    if not await _post(Posting.CHARGE, taken, currency=currency, against=LedgerKind.REVENUE):
        raise InsufficientFunds(_("Your balance does not cover this. Nothing was charged."))


async def refund(account_id: int, *, amount: int, cause: str, reference: str, currency: str) -> None:
    """Give `amount` (10^-8) of an earlier charge back to the wallet, in the caller's transaction.

    Raises AlreadyPosted when the cause was refunded before.
    """
    await _open_accounts(account_id, currency=currency)
    line = _Line(account_id, cause, reference, amount)
    await _post(Posting.REFUND, [line], currency=currency, against=LedgerKind.REVENUE)


async def top_up(account_id: int, *, amount: int, processor: str, cause: str, reference: str, currency: str) -> None:
    """Put `amount` (10^-8), which `processor` now owes the shop, into the wallet, in the caller's transaction.

    Raises AlreadyPosted when the cause was credited before.
    """
    await _open_accounts(account_id, currency=currency, processor=processor)
    line = _Line(account_id, cause, reference, amount)
    await _post(Posting.TOP_UP, [line], currency=currency, against=LedgerKind.CLEARING, processor=processor)


async def adjust(account_id: int, *, amount: int, cause: str, reference: str, currency: str) -> None:
    """Give (or, below zero, take) `amount` (10^-8) that no payment and no order explains, in the caller's transaction.

    Raises InsufficientFunds, and AlreadyPosted when the cause was booked before.
    """
    await _open_accounts(account_id, currency=currency)
    await fetch(_OPEN_ADJUSTMENTS, currency)
    line = _Line(account_id, cause, reference, amount)
    if not await _post(Posting.ADJUSTMENT, [line], currency=currency, against=LedgerKind.ADJUSTMENTS):
        raise InsufficientFunds(_("The balance does not cover this. Nothing was taken."))


async def balance(account_id: int, *, currency: str) -> int:
    """What the customer has, in 10^-8; 0 before the first payment."""
    found = await fetch_value(
        "SELECT balance FROM ledger_accounts WHERE owner = $1 AND kind = 'wallet' AND currency = $2",
        account_id,
        currency,
    )
    return found or 0


# Revenue is opened together with the first wallet: a charge needs both, and so never has to look for either.
_OPEN = """
INSERT INTO ledger_accounts (kind, owner, processor, currency)
VALUES ('wallet', $1, '', $2), ('revenue', NULL, '', $2)
ON CONFLICT DO NOTHING
"""
_OPEN_CLEARING = """
INSERT INTO ledger_accounts (kind, processor, currency) VALUES ('clearing', $1, $2) ON CONFLICT DO NOTHING
"""

_OPEN_ADJUSTMENTS = "INSERT INTO ledger_accounts (kind, currency) VALUES ('adjustments', $1) ON CONFLICT DO NOTHING"


async def _open_accounts(account_id: int, *, currency: str, processor: str = "") -> None:
    await fetch(_OPEN, account_id, currency)
    if processor:
        await fetch(_OPEN_CLEARING, processor, currency)


# The UPDATE is the lock: postings to one wallet queue up behind each other, and the guard is read again after the wait.
# Shop accounts carry no balance, so they are only read. Each line leaves the final balance less all lines after it.
_POST = """
WITH lines AS (
    SELECT owner, cause, reference, amount, n, row_number() OVER (PARTITION BY owner ORDER BY n) AS nth
      FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY
        AS line (owner, cause, reference, amount, n)
), totals AS (
    SELECT owner, sum(amount)::bigint AS amount, count(*) AS entries FROM lines GROUP BY owner
), other AS (
    SELECT id FROM ledger_accounts WHERE kind = $6 AND processor = $7 AND currency = $5
), wallets AS (
    UPDATE ledger_accounts a SET balance = a.balance + totals.amount, version = a.version + totals.entries
      FROM other, totals
     WHERE a.owner = totals.owner AND a.kind = 'wallet' AND a.currency = $5 AND a.balance + totals.amount >= 0
    RETURNING a.id, a.owner, a.balance, a.version, other.id AS other, totals.entries
), posted AS (
    INSERT INTO ledger_transactions (cause, kind, reference, happened_at)
    SELECT lines.cause, $8, lines.reference, $9 FROM lines JOIN wallets USING (owner) ORDER BY lines.n
    RETURNING id, cause
), balanced AS (
    SELECT posted.id AS transaction, wallets.id AS wallet, wallets.other, lines.amount, lines.n,
           wallets.version - wallets.entries + lines.nth AS version,
           wallets.balance - coalesce(sum(lines.amount) OVER later, 0)::bigint AS balance_after
      FROM lines JOIN wallets USING (owner) JOIN posted USING (cause)
    WINDOW later AS (PARTITION BY owner ORDER BY lines.n ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
INSERT INTO ledger_entries (transaction, account, amount, currency, balance_after, version, happened_at)
SELECT transaction, account, signed, $5, after, entry_version, $9
  FROM balanced,
       LATERAL (VALUES (wallet, amount, balance_after, version), (other, -amount, NULL, NULL))
            AS side (account, signed, after, entry_version)
 ORDER BY n
RETURNING id
"""
SIDES = 2  # the entries of one line


async def _post(
    kind: Posting, lines: Sequence[_Line], *, currency: str, against: LedgerKind, processor: str = ""
) -> bool:
    """Move each line's amount between its wallet and one of the shop's accounts; False when one would be overdrawn."""
    columns = (
        [line.owner for line in lines],
        [line.cause for line in lines],
        [line.reference for line in lines],
        [line.amount for line in lines],
    )
    try:
        entries = await fetch(_POST, *columns, currency, against, processor, kind, now()) if lines else []
    except UniqueViolationError as error:
        raise AlreadyPosted(_("This was booked before.")) from error
    return len(entries) == SIDES * len(lines)
