"""Carts: what a visitor or a customer is about to order, one open cart for each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from domain.checkout.lines import MAX_LINES, CheckedLine
from domain.clock import now
from domain.errors import Invalid, NotFound, Refused
from domain.i18n import gettext as _
from models.database import fetch, fetch_one, fetch_value, transaction

KEPT_AFTER_SESSION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shopper:
    """Whose cart it is: the account's once somebody is signed in, the session's before."""

    session_id: int
    account_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLineView:
    """A line as it was typed and normalised; `quantity` is the billed one."""

    id: int
    service_id: int
    link: str
    quantity: int
    fields: Mapping[str, str]


# The condition that a cart `c` is the open one of the shopper given as $1 (session) and $2 (account). Each side of the
# OR has an index of its own; a CASE would read every cart there is.
OF_SHOPPER = """
c.state = 'open' AND (c.account = $2::bigint OR ($2 IS NULL AND c.account IS NULL AND c.session = $1::bigint))
"""


async def find_line(shopper: Shopper, line_id: int) -> CartLineView:
    """A line of the shopper's open cart. Raises NotFound, also for somebody else's."""
    row = await fetch_one(_FIND_LINE, shopper.session_id, shopper.account_id, line_id)
    if row is None:
        raise _no_such_line()
    return CartLineView(**{**row, "fields": json.loads(row["fields"])})


_FIND_LINE = f"""
SELECT l.id, l.service AS service_id, l.link, l.quantity, l.fields
  FROM cart_lines l JOIN carts c ON c.id = l.cart
 WHERE {OF_SHOPPER} AND l.id = $3
"""  # noqa: S608 - only the constant above


async def add_line(shopper: Shopper, line: CheckedLine) -> int:
    """Put a line into the shopper's open cart, which is opened when there is none, and return the line's id.

    Raises Invalid when the cart holds this service for this link already, and Refused when it is full.
    """
    async with transaction():
        cart_id = await _open(shopper)
        line_id: int | None = await fetch_value(_ADD, *_values(cart_id, line), MAX_LINES)
        if line_id is None:
            await _refuse_addition(cart_id)
    return line_id or 0


async def change_line(shopper: Shopper, line_id: int, line: CheckedLine) -> None:
    """Replace what a line orders; the price that it was checked at counts as seen.

    Raises NotFound when the line is not in the shopper's open cart, Invalid when another line has the same link.
    """
    async with transaction():
        cart_id = await _hold(shopper, line_id)
        if not await fetch(_CHANGE, *_values(cart_id, line), line_id):
            raise _twice()


async def remove_line(shopper: Shopper, line_id: int) -> None:
    """Raises NotFound when the line is not in the shopper's open cart."""
    async with transaction():
        await _hold(shopper, line_id)
        await fetch("DELETE FROM cart_lines WHERE id = $1", line_id)


async def merge(*, session_id: int, account_id: int) -> None:
    """Move a visitor's lines into the account's open cart, in the transaction of the sign-in.

    A service that is there for the same link stays as it is; what would overfill the cart is left out.
    """
    visitors_cart = await fetch_value(_FIND_OF_VISITOR, session_id)
    if visitors_cart is None:
        return
    await move_lines(visitors_cart, await open_of_account(account_id))
    # Nobody signed in owned it and nothing refers to it: no reason to keep what a stranger once looked at.
    await fetch("DELETE FROM cart_lines WHERE cart = $1", visitors_cart)
    await fetch("DELETE FROM carts WHERE id = $1", visitors_cart)


_FIND_OF_VISITOR = """
SELECT id FROM carts WHERE session = $1 AND account IS NULL AND state = 'open' FOR UPDATE
"""


async def sweep() -> None:
    """Delete visitors' carts a day after their session ended: nobody can come back to them."""
    ended_before = now() - KEPT_AFTER_SESSION
    async with transaction():
        left = [row["id"] for row in await fetch(_LEFT_BY_VISITORS, ended_before)]
        await fetch("DELETE FROM cart_lines WHERE cart = ANY ($1)", left)
        await fetch("DELETE FROM carts WHERE id = ANY ($1)", left)


_LEFT_BY_VISITORS = """
SELECT c.id FROM carts c JOIN sessions s ON s.id = c.session WHERE c.account IS NULL AND s.expires_at < $1
   FOR UPDATE OF c
"""


async def move_lines(cart_id: int, into: int) -> None:
    """Move the lines that the other cart does not hold yet, as far as they fit; the caller holds both carts."""
    await fetch(_MOVE_LINES, cart_id, into, MAX_LINES)


_MOVE_LINES = """
UPDATE cart_lines SET cart = $2
 WHERE id IN (
    SELECT l.id FROM cart_lines l
     WHERE l.cart = $1 AND NOT EXISTS (SELECT FROM cart_lines o WHERE o.cart = $2 AND o.service = l.service
                                          AND o.link_key = l.link_key)
     ORDER BY l.id LIMIT greatest(0, $3 - (SELECT count(*) FROM cart_lines WHERE cart = $2))
 )
"""


# The upsert is also the lock: whoever changes or orders a cart does so one after the other.
_OPEN_OF_ACCOUNT = """
INSERT INTO carts AS c (account, state, created_at, updated_at) VALUES ($1, 'open', $2, $2)
ON CONFLICT (account) WHERE state = 'open'
    DO UPDATE SET revision = c.revision + 1, note = '', updated_at = $2
RETURNING id
"""
_OPEN_OF_SESSION = """
INSERT INTO carts AS c (session, state, created_at, updated_at) VALUES ($1, 'open', $2, $2)
ON CONFLICT (session) WHERE state = 'open' AND account IS NULL
    DO UPDATE SET revision = c.revision + 1, note = '', updated_at = $2
RETURNING id
"""


async def open_of_account(account_id: int) -> int:
    """Find or open the account's cart and hold it until the transaction ends."""
    return int(await fetch_value(_OPEN_OF_ACCOUNT, account_id, now()))


async def _open(shopper: Shopper) -> int:
    if shopper.account_id is not None:
        return await open_of_account(shopper.account_id)
    return int(await fetch_value(_OPEN_OF_SESSION, shopper.session_id, now()))


_HOLD = f"""
UPDATE carts c SET revision = revision + 1, note = '', updated_at = $4
  FROM cart_lines l
 WHERE l.id = $3 AND l.cart = c.id AND {OF_SHOPPER}
RETURNING c.id
"""  # noqa: S608 - only the constant above


async def _hold(shopper: Shopper, line_id: int) -> int:
    cart_id = await fetch_value(_HOLD, shopper.session_id, shopper.account_id, line_id, now())
    if cart_id is None:
        raise _no_such_line()
    return int(cart_id)


_ADD = """
INSERT INTO cart_lines (cart, service, link, link_key, quantity, fields, seen_rate, added_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT count(*) FROM cart_lines WHERE cart = $1) < $9
ON CONFLICT (cart, service, md5(link_key)) DO NOTHING
RETURNING id
"""
_CHANGE = """
UPDATE cart_lines l
   SET service = $2, link = $3, link_key = $4, quantity = $5, fields = $6, seen_rate = $7, added_at = $8
 WHERE l.id = $9 AND NOT EXISTS (SELECT FROM cart_lines o WHERE o.cart = $1 AND o.service = $2
                                    AND o.link_key = $4 AND o.id <> $9)
RETURNING id
"""


def _values(cart_id: int, line: CheckedLine) -> tuple[object, ...]:
    fields = json.dumps(dict(line.fields), ensure_ascii=False)
    return cart_id, line.service_id, line.link.url, line.link.key, line.quantity, fields, line.rate, now()


async def _refuse_addition(cart_id: int) -> None:
    if await fetch_value("SELECT count(*) FROM cart_lines WHERE cart = $1", cart_id) >= MAX_LINES:
        raise Refused(_("Your cart is full: it holds 50 lines. Order these first."))
    raise _twice()


def _twice() -> Invalid:
    return Invalid({"link": _("This service is in your cart for this link already. Change its quantity there.")})


def _no_such_line() -> NotFound:
    return NotFound(_("That is not in your cart any more."))
