"""Reviewing a cart: every line as it would be ordered now, what it costs, and what stands in the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from domain import money
from domain.catalog import FIELDS, ServiceView, quote
from domain.catalog.types import OrderFields
from domain.checkout.carts import OF_SHOPPER, Shopper
from domain.checkout.lines import quantity_problem
from domain.clock import now
from domain.i18n import gettext as _
from models.catalog import ServiceType
from models.checkout import CartNote
from models.database import fetch


@dataclass(frozen=True, slots=True)
class SeenCart:
    """The cart as a page showed it; a later change gives it another revision."""

    cart_id: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """A line beside its service as it is now. `seen_rate` (10^-8) is the one that the customer agreed to."""

    id: int
    service: ServiceView
    is_on_sale: bool
    link: str
    link_key: str
    quantity: int
    fields: Mapping[str, str]
    seen_rate: int
    open_order: str | None  # the code of the customer's own unfinished order on this link, "" for somebody else's

    @property
    def rules(self) -> OrderFields:
        """What an order of this kind asks for, and how it is counted."""
        return FIELDS[self.service.type]

    @property
    def charge(self) -> int:
        """What the line costs now, in 10^-8."""
        return quote(self.service, self.quantity)

    @property
    def price_rose(self) -> bool:
        return self.service.rate > self.seen_rate

    @property
    def price_fell(self) -> bool:
        return self.service.rate < self.seen_rate

    @property
    def obstacle(self) -> str:
        """Why the line cannot be ordered now, in a sentence; "" when nothing is in the way."""
        if not self.is_on_sale or self.service.rate == 0:
            return _("This service is not for sale at the moment. Remove it to go on.")
        if self.open_order is not None:
            return _("An order of this service for this link is still under way. Order again when it is finished.")
        return quantity_problem(self.service, self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A cart before it is ordered; amounts are 10^-8. `note` says why it is open again, if it was being paid for."""

    seen: SeenCart | None
    lines: tuple[ReviewLine, ...]
    balance: int
    note: CartNote | None

    @property
    def total(self) -> int:
        return sum(line.charge for line in self.lines)

    @property
    def missing(self) -> int:
        """What the balance lacks, in whole cents, since processors know no smaller unit."""
        return money.up_to_cents(max(0, self.total - self.balance))

    @property
    def has_obstacles(self) -> bool:
        return any(line.obstacle for line in self.lines)

    @property
    def prices_rose(self) -> bool:
        return any(line.price_rose for line in self.lines)


# What every reader of lines selects, from a cart `c`; descriptions stay where they are, since nothing here shows them.
LINES = """
SELECT c.id AS cart_id, c.revision, c.note, l.id AS line_id, l.link, l.link_key, l.quantity, l.fields, l.seen_rate,
       s.state = 'on_sale' AS is_on_sale, o.code AS open_order,
       s.id, s.name, s.category AS category_id, g.name AS category_name, g.platform, s.type, s.rate, s.min_quantity,
       s.max_quantity, s.refill, s.cancel, s.drip_feed, s.average_minutes, '' AS description
"""
# The states are written as in the index of open orders, which PostgreSQL uses only for the very same list.
FROM_LINES = """
  JOIN cart_lines l ON l.cart = c.id
  JOIN services s ON s.id = l.service
  JOIN categories g ON g.id = s.category
  LEFT JOIN LATERAL (
      SELECT CASE WHEN o.account = c.account THEN o.code ELSE '' END AS code
        FROM orders o
       WHERE o.service = l.service AND md5(o.link_key) = md5(l.link_key)
         AND o.state IN ('placed', 'parked', 'pending', 'in_progress', 'processing')
  ) o ON true
"""
_SERVICE_COLUMNS = ServiceView.__dataclass_fields__.keys()


async def review(shopper: Shopper, *, balance: int = 0) -> Review:
    """The shopper's open cart against today's services and unfinished orders, in one query."""
    rows = await fetch(f"{LINES} FROM carts c {FROM_LINES} WHERE {OF_SHOPPER} ORDER BY l.id", *_ids(shopper))
    if not rows:
        return empty_review(balance=balance)
    first = rows[0]
    return Review(
        seen=SeenCart(first["cart_id"], first["revision"]),
        lines=tuple(read_line(row) for row in rows),
        balance=balance,
        note=CartNote(first["note"]) if first["note"] else None,
    )


def empty_review(*, balance: int = 0) -> Review:
    """What there is to see before anything was added."""
    return Review(seen=None, lines=(), balance=balance, note=None)


def read_line(row: asyncpg.Record) -> ReviewLine:
    service = {name: row[name] for name in _SERVICE_COLUMNS}
    return ReviewLine(
        id=row["line_id"],
        service=ServiceView(**{**service, "type": ServiceType(row["type"])}),
        is_on_sale=row["is_on_sale"],
        link=row["link"],
        link_key=row["link_key"],
        quantity=row["quantity"],
        fields=json.loads(row["fields"]),
        seen_rate=row["seen_rate"],
        open_order=row["open_order"],
    )


def _ids(shopper: Shopper) -> tuple[int, int | None]:
    return shopper.session_id, shopper.account_id


_CONFIRM = """
WITH cart AS (
    UPDATE carts SET revision = revision + 1, updated_at = $4
     WHERE id = $1 AND account = $2 AND revision = $3::bigint AND state = 'open'
    RETURNING id
)
UPDATE cart_lines l SET seen_rate = s.rate FROM cart, services s WHERE l.cart = cart.id AND s.id = l.service
"""


async def confirm_prices(account_id: int, seen: SeenCart) -> None:
    """Take today's prices of the cart that the customer saw as agreed to; a cart that changed since is left alone."""
    await fetch(_CONFIRM, seen.cart_id, account_id, seen.revision, now())
