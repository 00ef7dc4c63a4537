"""Refunds of orders: a cumulative target that only grows, of which only the increase is paid (API v2 contract, 9.5)."""

from domain import money, wallet
from domain.catalog.types import FIELDS, Billing
from domain.orders.locking import LockedOrder
from models.database import fetch_one


def partial_target(order: LockedOrder, remains: int | None) -> int | None:
    """What a partial delivery gives back in all, in 10^-8; None where no formula says it and a person must decide.

    That is so for a package, and where the provider did not say how much remains (API v2 contract, chapter 10).
    """
    if remains is None or FIELDS[order.service_type].billing == Billing.PACKAGE:
        return None
    return money.refund(order.charge, remains, order.quantity)


# The guard on the amount read before makes a second payment of the same increase impossible.
_RAISE = """
UPDATE orders SET refunded = $2 WHERE id = $1 AND refunded = $3
RETURNING pg_notify('order_' || code, 'refunded')
"""


async def refund_up_to(order: LockedOrder, target: int) -> int:
    """Give back what is missing to `target` (10^-8) and return the refund so far; a lower target changes nothing."""
    if target <= order.refunded or await fetch_one(_RAISE, order.id, target, order.refunded) is None:
        return order.refunded
    await wallet.refund(
        order.account,
        amount=target - order.refunded,
        cause=f"order:{order.id}:refund:{target}",
        reference=order.code,
        currency=order.currency,
    )
    return target
