"""How far an order is: what its provider last said, and when it is asked again."""

from datetime import datetime

from domain.orders.locking import LockedOrder
from models.database import fetch

# Only a change wakes the pages that show the order.
_NOTE = """
UPDATE orders SET start_count = coalesce($2, start_count), remains = coalesce($3, remains)
 WHERE id = $1 AND (start_count, remains) IS DISTINCT FROM (coalesce($2, start_count), coalesce($3, remains))
RETURNING pg_notify('order_' || code, 'progress')
"""


async def note_progress(order: LockedOrder, *, start_count: int | None, remains: int | None) -> None:
    """Keep what the provider counted; None leaves what it said before. `remains` is kept within 0..quantity."""
    await fetch(_NOTE, order.id, start_count, within(order, remains))


def within(order: LockedOrder, remains: int | None) -> int | None:
    """What remains, of what was ordered: providers report over-delivery below zero (API v2 contract, Q14)."""
    return None if remains is None else min(max(remains, 0), order.quantity)


async def wake(order: LockedOrder) -> None:
    """Let the pages that show the order look again, when what changed for them is not in its row.

    The row is written as it was: pages that were kept go by its version.
    """
    await fetch(
        "UPDATE orders SET refunded = refunded WHERE id = $1 RETURNING pg_notify('order_' || code, '')", order.id
    )


async def check_again(order: LockedOrder, at: datetime | None, *, checks: int) -> None:
    """Set the next look at an order; None is never. `checks` counts the looks since it last moved."""
    await fetch("UPDATE orders SET next_check_at = $2, checks = least($3, 1000) WHERE id = $1", order.id, at, checks)
