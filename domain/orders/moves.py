"""The states of an order: where each may move to, and the only place that moves one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.clock import now
from models.database import fetch_one
from models.orders import OrderState

PLACED, PARKED = OrderState.PLACED, OrderState.PARKED
PENDING, IN_PROGRESS, PROCESSING = OrderState.running_states()
COMPLETED, PARTIAL, CANCELED = OrderState.final_states()
RUNNING = frozenset(OrderState.running_states())
FINAL = frozenset(OrderState.final_states())

# From each state, the states an order may move to. A final order is never reopened; what a provider takes back after
# it said "Completed" may still come (API v2 contract, chapter 9).
MOVES: dict[OrderState, frozenset[OrderState]] = {
    PLACED: frozenset({PARKED, PENDING, CANCELED}),
    PARKED: frozenset({PLACED, PENDING, CANCELED}),
    PENDING: RUNNING - {PENDING} | FINAL,
    IN_PROGRESS: RUNNING - {IN_PROGRESS} | FINAL,
    PROCESSING: RUNNING - {PROCESSING} | FINAL,
    COMPLETED: frozenset({PARTIAL, CANCELED}),
    PARTIAL: frozenset({CANCELED}),
    CANCELED: frozenset(),
}


class Actor(StrEnum):
    CUSTOMER = "customer"
    WORKER = "worker"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Moved:
    id: int
    code: str
    account: int


_MOVE = """
WITH moved AS (
    UPDATE orders SET state = $2, checks = 0, next_check_at = $7,
           finished_at = CASE WHEN $8 THEN coalesce(finished_at, $6) ELSE finished_at END
     WHERE id = $1 AND state = ANY ($3)
    RETURNING id, code, account
), noted AS (
    INSERT INTO order_events ("order", state, actor, note, happened_at) SELECT id, $2, $4, $5, $6 FROM moved
)
SELECT id, code, account, pg_notify('order_' || code, $2) FROM moved
"""


async def move(
    order_id: int, to: OrderState, *, actor: Actor, note: str = "", next_check_at: datetime | None = None
) -> Moved | None:
    """Change an order's state, write its event and wake the pages that show it, in the running transaction.

    The WHERE clause is the lock: of two concurrent moves from one state PostgreSQL lets one update the row. None
    means that the order may not move there (any more), which is no error: somebody was first.
    """
    sources = [source for source, targets in MOVES.items() if to in targets]
    row = await fetch_one(_MOVE, order_id, to, sources, actor, note, now(), next_check_at, to in FINAL)
    return Moved(row["id"], row["code"], row["account"]) if row else None
