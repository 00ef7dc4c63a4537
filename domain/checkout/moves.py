"""The states of a cart: where each may move to, and the only place that moves one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import asyncpg

from domain.checkout import carts
from domain.checkout.review import FROM_LINES, LINES, ReviewLine, SeenCart, read_line
from domain.clock import now
from domain.errors import Refused
from domain.i18n import gettext as _
from models.checkout import CartNote, CartState
from models.database import fetch, fetch_value, transaction

# A cart whose payment came to nothing is not opened again: its lines move to the open cart, and it is left behind.
MOVES: dict[CartState, frozenset[CartState]] = {
    CartState.OPEN: frozenset({CartState.PAYING, CartState.ORDERED}),
    CartState.PAYING: frozenset({CartState.ORDERED, CartState.ABANDONED}),
    CartState.ORDERED: frozenset(),
    CartState.ABANDONED: frozenset(),
}


class CartMoved(Refused):
    """The cart is not as the customer saw it any more: changed, ordered or being paid for in another tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCart:
    """A cart that this transaction alone may order or have paid, with its owner as letters need them."""

    id: int
    account_id: int
    username: str
    email: str
    email_confirmed_at: datetime | None
    locale: str
    lines: tuple[ReviewLine, ...]

    @property
    def total(self) -> int:
        """In 10^-8, at today's prices."""
        return sum(line.charge for line in self.lines)


_CLAIM = f"""
WITH claimed AS (
    UPDATE carts SET state = $5, updated_at = $6
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS seen (cart, account, revision)
     WHERE carts.id = seen.cart AND carts.account = seen.account AND carts.revision = seen.revision
       AND carts.state = $4
    RETURNING carts.id, carts.account, carts.revision, carts.note
), c AS (
    SELECT claimed.*, a.username, a.email, a.email_confirmed_at, a.locale
      FROM claimed JOIN accounts a ON a.id = claimed.account
)
{LINES}, c.account, c.username, c.email, c.email_confirmed_at, c.locale
  FROM c {FROM_LINES} ORDER BY c.id, l.id
"""  # noqa: S608 - only constants of review.py


async def claim(account_id: int, seen: SeenCart, *, source: CartState, to: CartState) -> ClaimedCart:
    """Move the cart from one state to another and read it, in one statement of the running transaction.

    The WHERE clause is the lock: of two clicks one updates the row. Every change of a line raises the revision first,
    so whoever waited for such a change finds another revision, and nothing is ordered that its customer did not see.
    Raises CartMoved.
    """
    [cart] = await claim_each([(account_id, seen)], source=source, to=to)
    return cart


async def claim_each(
    carts_seen: Sequence[tuple[int, SeenCart]], *, source: CartState, to: CartState
) -> list[ClaimedCart]:
    """The same for the carts of several accounts, in one statement; when one has moved, the caller undoes them all."""
    if to not in MOVES[source]:
        raise ValueError(f"A cart does not go from {source} to {to}.")
    columns = (
        [seen.cart_id for _account_id, seen in carts_seen],
        [account_id for account_id, _seen in carts_seen],
        [seen.revision for _account_id, seen in carts_seen],
    )
    rows = await fetch(_CLAIM, *columns, source, to, now())
    claimed = {cart_id: _read(list(group)) for cart_id, group in groupby(rows, key=itemgetter("cart_id"))}
    if len(claimed) < len(carts_seen):
        raise CartMoved(_("Your cart changed since you opened this page. Look at it again before you go on."))
    return [claimed[seen.cart_id] for _account_id, seen in carts_seen]


def _read(rows: Sequence[asyncpg.Record]) -> ClaimedCart:
    first = rows[0]
    return ClaimedCart(
        id=first["cart_id"],
        account_id=first["account"],
        username=first["username"],
        email=first["email"],
        email_confirmed_at=first["email_confirmed_at"],
        locale=first["locale"],
        lines=tuple(read_line(row) for row in rows),
    )


_LEAVE = """
UPDATE carts SET state = 'abandoned', updated_at = $3 WHERE id = $1 AND state = ANY ($2) RETURNING account
"""


async def give_back(cart_id: int, *, note: CartNote) -> bool:
    """Move the lines of a cart that is being paid for to its owner's open cart, and say there why.

    False means that it is not being paid for (any more), which is no error: somebody was first.
    """
    sources = [source for source, targets in MOVES.items() if CartState.ABANDONED in targets]
    async with transaction():
        account_id = await fetch_value(_LEAVE, cart_id, sources, now())
        if account_id is not None:
            open_cart = await carts.open_of_account(account_id)
            await carts.move_lines(cart_id, open_cart)
            await fetch("UPDATE carts SET note = $2 WHERE id = $1", open_cart, note)
    return account_id is not None
