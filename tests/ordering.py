"""Orders for tests: paid, placed, and as far along as a test needs them."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from domain import orders, wallet
from domain.money import UNIT
from domain.orders import OrderLine, PlacedOrder
from models.accounts import Account
from models.catalog import Service
from models.database import fetch, transaction
from models.orders import OrderState
from tests.factories import make_account, make_cart, make_service

_number = count(1)


async def give_money(account: Account, amount: int) -> None:
    async with transaction():
        await wallet.top_up(
            account.id,
            amount=amount,
            processor="cardlink",
            cause=f"gift:{next(_number)}",
            reference="",
            currency="USD",
        )


def make_line(service: Service, link: str = "", **values: Any) -> OrderLine:
    """1,000 of a service on a link that nobody else orders."""
    link = link or f"https://example.com/{next(_number)}"
    defaults: dict[str, Any] = {
        "service_id": service.id,
        "service_name": service.name,
        "link": link,
        "link_key": link.removeprefix("https://"),
        "quantity": 1000,
        "fields": {},
        "rate": service.rate,
        "charge": service.rate,
    }
    return OrderLine(**defaults | values)


async def place_lines(account: Account, lines: Sequence[OrderLine]) -> list[PlacedOrder]:
    cart = await make_cart(account)
    async with transaction():
        return await orders.place(account.id, cart_id=cart.id, lines=lines, currency="USD")


async def place_order(
    account: Account | None = None, service: Service | None = None, *, link: str = "", **values: Any
) -> PlacedOrder:
    """One paid order; the money for it comes out of nowhere."""
    account = account or await make_account()
    line = make_line(service or await make_service(), link, **values)
    await give_money(account, max(line.charge, UNIT))
    return (await place_lines(account, [line]))[0]


async def put_order_in(order: PlacedOrder, state: OrderState, **columns: Any) -> None:
    """Set an order's row without the events that lead there, for pages that only show it."""
    changes = {"state": state, **columns}
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(changes, 2))
    await fetch(f"UPDATE orders SET {sets} WHERE id = $1", order.id, *changes.values())
