"""The shop at a glance: how many orders are where, what waits for a person, and whether the providers answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.staff.lists import Row, rows_of
from models.database import fetch, fetch_one
from models.orders import OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    orders: dict[OrderState, int]
    oldest_parked_at: datetime | None
    open_cases: int
    pending_payments: int
    payments_in_review: int
    waiting_letters: int
    providers: list[Row]

    @property
    def open_orders(self) -> int:
        return sum(self.orders[state] for state in OrderState.open_states())


async def find_overview() -> Overview:
    """Count everything once; each count is answered from an index."""
    counts: Any = await fetch_one(_COUNTS)
    return Overview(orders=await count_orders(list(OrderState)), providers=await rows_of(_PROVIDERS), **counts)


async def count_orders(states: Sequence[OrderState]) -> dict[OrderState, int]:
    """How many orders are in each of these states; 0 where there are none. Final ones may be millions."""
    rows = await fetch("SELECT state, count(*) AS orders FROM orders WHERE state = ANY ($1) GROUP BY state", states)
    found = {row["state"]: row["orders"] for row in rows}
    return {state: found.get(state, 0) for state in states}


_COUNTS = """
SELECT (SELECT min(placed_at) FROM orders WHERE state = 'parked') AS oldest_parked_at,
       (SELECT count(*) FROM cases WHERE state = 'open') AS open_cases,
       (SELECT count(*) FROM payments WHERE state = 'pending') AS pending_payments,
       (SELECT count(*) FROM payments WHERE state = 'review') AS payments_in_review,
       (SELECT count(*) FROM mail_messages WHERE state IN ('queued', 'sending')) AS waiting_letters
"""
_PROVIDERS = """
SELECT key, name, currency, active, balance, healthy, health_note, checked_at, synced_at FROM providers ORDER BY name
"""
