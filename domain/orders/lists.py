"""A customer's list of orders: filtered, searched and paged, and quick at a million of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.orders.codes import is_code
from models.database import fetch
from models.orders import OrderState

PAGE = 30
MAXIMUM = 2**63 - 1
LOOK_AT = 20_000  # orders that one search goes through; "Load more" goes on where it stopped


class OrderFilter(StrEnum):
    """What the list may be narrowed to."""

    ALL = "all"
    OPEN = "open"
    COMPLETED = "completed"
    PARTIAL = "partial"
    CANCELED = "canceled"


# Spelled out, not passed as parameters, so that each finds the index that is made for it.
_CONDITIONS = {
    OrderFilter.ALL: "",
    OrderFilter.OPEN: "AND o.state IN ('placed', 'parked', 'pending', 'in_progress', 'processing')",
    OrderFilter.COMPLETED: "AND o.state = 'completed'",
    OrderFilter.PARTIAL: "AND o.state = 'partial'",
    OrderFilter.CANCELED: "AND o.state = 'canceled'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One line of the list; amounts are 10^-8."""

    id: int
    code: str
    state: OrderState
    service_name: str
    link: str
    quantity: int
    charge: int
    refunded: int
    placed_at: datetime

    @property
    def link_text(self) -> str:
        """The link without what every link begins with."""
        return self.link.removeprefix("https://").removeprefix("http://").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class OrderPart:
    """A page of the list; `next_before` continues it, and is None at its end."""

    rows: list[OrderRow]
    next_before: int | None
    searched_since: datetime | None = None  # set when a search stopped early: older orders have not been looked at


async def list_of_account(
    account_id: int, *, only: OrderFilter = OrderFilter.ALL, search: str = "", before: int | None = None
) -> OrderPart:
    """The newest orders (before id `before`). `search` finds a code, or a piece of a link or of a service's name."""
    start = MAXIMUM if before is None else before
    if search:
        return await _search(account_id, only, search, start)
    rows = await fetch(_LISTS[only], account_id, start, PAGE + 1)
    shown = [_row(row) for row in rows[:PAGE]]
    return OrderPart(shown, shown[-1].id if len(rows) > PAGE else None)


_LIST = """
SELECT id, code, state, service_name, link, quantity, charge, refunded, placed_at FROM orders o
 WHERE account = $1 AND id < $2 {condition} ORDER BY id DESC LIMIT $3
"""
_LISTS = {only: _LIST.format(condition=condition) for only, condition in _CONDITIONS.items()}

# A piece of a link is in no index. So one search reads a bounded stretch of the list, and says where it stopped.
_SEARCH = """
WITH seen AS MATERIALIZED (
    SELECT id, link, service_name, placed_at FROM orders o
     WHERE account = $1 AND id < $2 {condition} ORDER BY id DESC LIMIT $3
), found AS (
    SELECT id FROM seen WHERE strpos(lower(link), $4) > 0 OR strpos(lower(service_name), $4) > 0
     ORDER BY id DESC LIMIT $5
)
SELECT stretch.number, stretch.oldest, stretch.since,
       o.id, o.code, o.state, o.service_name, o.link, o.quantity, o.charge, o.refunded, o.placed_at
  FROM (SELECT count(*) AS number, min(id) AS oldest, min(placed_at) AS since FROM seen) stretch
  LEFT JOIN found ON true
  LEFT JOIN orders o ON o.id = found.id
 ORDER BY o.id DESC
"""
_SEARCHES = {only: _SEARCH.format(condition=condition) for only, condition in _CONDITIONS.items()}


_BY_CODE = """
SELECT id, code, state, service_name, link, quantity, charge, refunded, placed_at FROM orders
 WHERE code = $2 AND account = $1
"""


async def _search(account_id: int, only: OrderFilter, search: str, before: int) -> OrderPart:
    if is_code(search) and (named := await fetch(_BY_CODE, account_id, search.upper())):
        return OrderPart([_row(row) for row in named], None)
    rows = await fetch(_SEARCHES[only], account_id, before, LOOK_AT, search.lower(), PAGE + 1)
    found = [_row(row) for row in rows if row["id"] is not None]
    if len(found) > PAGE:
        return OrderPart(found[:PAGE], found[PAGE - 1].id)
    stretch = rows[0]
    if stretch["number"] < LOOK_AT:
        return OrderPart(found, None)
    return OrderPart(found, stretch["oldest"], searched_since=stretch["since"])


def _row(row: Mapping[str, Any]) -> OrderRow:
    values = {name: row[name] for name in OrderRow.__dataclass_fields__}
    return OrderRow(**values | {"state": OrderState(row["state"])})
