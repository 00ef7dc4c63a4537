"""The till: checkouts from the balance that arrive together share one transaction, and with it one commit.

A transaction for each costs eight round trips and a write to the disk; up to 64 in one cost hardly more than that.
"""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import asyncpg

from domain.checkout import moves, placing
from domain.checkout.moves import CartMoved
from domain.checkout.review import SeenCart
from domain.errors import Refused
from models.checkout import CartState
from models.database import fetch, transaction

LARGEST_GROUP = 64


async def place_from_balance(account_id: int, seen: SeenCart, *, currency: str, secret_key: str) -> list[str]:
    """Order the cart that the customer saw, paid from the balance, and return the codes of its orders.

    A second click gets the codes of the first. Raises Refused with the reason: a price rose, a service is gone, a link
    has an unfinished order, the balance does not cover it, the mail address is not confirmed, or the cart changed.
    """
    try:
        return await _till(currency, secret_key).place(_Customer(account_id, seen))
    except CartMoved:
        codes = await _list_codes(account_id, seen.cart_id)
        if not codes:
            raise
        return codes


@dataclass(slots=True, eq=False)
class _Customer:
    """Somebody who waits at the till."""

    account_id: int
    seen: SeenCart
    codes: list[str] | None = None
    must_go_alone: bool = False


class Till:
    """Whoever comes to the front serves all who wait behind; no task of its own, so nothing to start or to lose."""

    def __init__(self, currency: str, secret_key: str) -> None:
        self._currency = currency
        self._secret_key = secret_key
        self._front = asyncio.Lock()
        self._waiting: deque[_Customer] = deque()

    async def place(self, customer: _Customer) -> list[str]:
        """Wait for the front or to be served by somebody there. Raises Refused for reasons of this customer's own."""
        self._waiting.append(customer)
        try:
            async with self._front:
                if customer.codes is None and not customer.must_go_alone:
                    await self._serve()
        finally:
            with suppress(ValueError):
                self._waiting.remove(customer)
        return customer.codes if customer.codes is not None else await self._place_alone(customer)

    async def _serve(self) -> None:
        """Place the group at the front in one transaction. When one of it cannot be placed, each goes alone."""
        group = [self._waiting.popleft() for _place in range(min(LARGEST_GROUP, len(self._waiting)))]
        try:
            if len(group) == 1:
                group[0].codes = await self._place_alone(group[0])
            else:
                with suppress(Refused, asyncpg.PostgresError):
                    await self._place_together(group)
        finally:
            for customer in group:
                customer.must_go_alone = customer.codes is None

    async def _place_together(self, group: list[_Customer]) -> None:
        async with transaction():
            carts = await moves.claim_each(
                [(customer.account_id, customer.seen) for customer in group],
                source=CartState.OPEN,
                to=CartState.ORDERED,
            )
            placed = await placing.place_each(carts, currency=self._currency, secret_key=self._secret_key)
        for customer, orders in zip(group, placed, strict=True):
            customer.codes = [order.code for order in orders]

    async def _place_alone(self, customer: _Customer) -> list[str]:
        async with transaction():
            cart = await moves.claim(customer.account_id, customer.seen, source=CartState.OPEN, to=CartState.ORDERED)
            placed = await placing.place(cart, currency=self._currency, secret_key=self._secret_key)
        return [order.code for order in placed]


@cache
def _till(currency: str, secret_key: str) -> Till:
    """The one till of this process."""
    return Till(currency, secret_key)


async def _list_codes(account_id: int, cart_id: int) -> list[str]:
    rows = await fetch("SELECT code FROM orders WHERE cart = $1 AND account = $2 ORDER BY id", cart_id, account_id)
    return [row["code"] for row in rows]
