"""Refills: the provider makes good what dropped after delivery."""

import sqlite3

from sandbox.provider import errors, orders
from sandbox.provider.errors import Refusal
from sandbox.provider.progress import Order
from sandbox.world import World

STEPS = ((3.0, "Pending"), (10.0, "In progress"))  # seconds at speed 1; after the last one a refill is Completed


def ask(world: World, order: Order) -> int:
    """Accept a refill and return its id. Raises Refusal where the service, the state or the waiting time forbid it."""
    if not orders.on_sale(world)[order.service].refill:
        raise Refusal(errors.REFILL_DISABLED)
    if orders.look_at(world, order).status != "Completed":
        raise Refusal(errors.NOT_COMPLETED)
    now = world.clock.now()
    latest = world.store.one("SELECT max(asked_at) AS at FROM provider_refill WHERE order_id = ?", order.id)
    if latest is not None and latest["at"] is not None and now - latest["at"] < world.settings.refill_wait:
        raise Refusal(errors.REFILL_TOO_SOON)
    return world.store.insert("provider_refill", order_id=order.id, asked_at=now)


def status_of(world: World, refill_id: str) -> str:
    row = world.store.one("SELECT * FROM provider_refill WHERE id = ?", refill_id.strip())
    if row is None:
        raise Refusal(errors.REFILL_NOT_FOUND)
    return _status(world, row)


def _status(world: World, row: sqlite3.Row) -> str:
    elapsed = (world.clock.now() - row["asked_at"]) * world.settings.speed
    return next((word for until, word in STEPS if elapsed < until), "Completed")
