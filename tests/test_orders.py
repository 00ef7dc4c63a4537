import asyncio
from typing import Any

import pytest

from domain import orders, wallet
from domain.money import UNIT
from domain.orders import ActiveLink, Actor, OrderLine
from models.accounts import Account
from models.catalog import Service
from models.database import fetch, fetch_value, transaction
from models.orders import Order, OrderEvent, OrderState
from tests.factories import make_account, make_cart, make_service


def line(service: Service, link: str = "https://example.com/a", **values: Any) -> OrderLine:
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


async def place(account: Account, *lines: OrderLine) -> list[orders.PlacedOrder]:
    cart = await make_cart(account)
    async with transaction():
        return await orders.place(account.id, cart_id=cart.id, lines=lines, currency="USD")


async def give(account: Account, amount: int) -> None:
    async with transaction():
        await wallet.top_up(
            account.id, amount=amount, processor="cardlink", cause=f"gift:{account.id}", reference="", currency="USD"
        )


async def test_placing_writes_orders_events_charges_and_jobs_together() -> None:
    account, service = await make_account(), await make_service()
    await give(account, 10 * UNIT)

    placed = await place(account, line(service), line(service, "https://example.com/b", fields={"comments": "Hi\nYou"}))

    assert [order.charge for order in placed] == [250_000_000, 250_000_000]
    assert await wallet.balance(account.id, currency="USD") == 5 * UNIT
    assert await Order.select(Order.id, Order.state, Order.link, Order.service_name).order_by(Order.id) == [
        {"id": placed[0].id, "state": "placed", "link": "https://example.com/a", "service_name": service.name},
        {"id": placed[1].id, "state": "placed", "link": "https://example.com/b", "service_name": service.name},
    ]
    assert await OrderEvent.select(OrderEvent.state, OrderEvent.actor) == [{"state": "placed", "actor": "customer"}] * 2
    jobs = await fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'dispatch_order' ORDER BY id")
    assert [int(job["payload"]) for job in jobs] == [order.id for order in placed]


async def test_placing_without_enough_money_leaves_nothing_behind() -> None:
    account, service = await make_account(), await make_service()
    await give(account, 3 * UNIT)

    with pytest.raises(wallet.InsufficientFunds):
        await place(account, line(service), line(service, "https://example.com/b"))

    assert await Order.count() == 0
    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0
    assert await wallet.balance(account.id, currency="USD") == 3 * UNIT


@pytest.mark.parametrize("in_one_cart", [True, False])
async def test_placing_on_a_link_with_an_open_order_is_refused_and_names_the_link(in_one_cart: bool) -> None:
    account, service = await make_account(), await make_service()
    await give(account, 10 * UNIT)
    if not in_one_cart:
        await place(account, line(service))

    with pytest.raises(ActiveLink, match=r"for https://example\.com/a is still under way"):
        await place(account, *[line(service)] * (2 if in_one_cart else 1))

    assert await Order.count() == (0 if in_one_cart else 1)


async def test_placing_on_the_link_of_a_finished_order_or_for_another_service_is_fine() -> None:
    account, service, other = await make_account(), await make_service(), await make_service()
    await give(account, 10 * UNIT)
    first = (await place(account, line(service)))[0]
    await orders.move(first.id, OrderState.CANCELED, actor=Actor.STAFF)

    await place(account, line(service), line(other))

    assert await Order.count() == 3


async def hold(account: Account, held: OrderLine, is_held: asyncio.Event, let_go: asyncio.Event) -> None:
    """Order a line, wait, and take it back."""
    cart = await make_cart(account)
    async with transaction() as running:
        await orders.place(account.id, cart_id=cart.id, lines=[held], currency="USD")
        is_held.set()
        await let_go.wait()
        await running.rollback()


async def wait_for_locks(count: int) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while await fetch_value(waiting) < count:  # noqa: ASYNC110 - the database has no event to wait for
            await asyncio.sleep(0.01)


@pytest.mark.commits
async def test_two_carts_with_the_same_links_in_opposite_order_do_not_wait_for_each_other() -> None:
    service = await make_service()
    alice, bob, charlie = accounts = [await make_account() for _number in range(3)]
    for account in accounts:
        await give(account, 10 * UNIT)
    first, middle, last = [line(service, f"https://example.com/{name}") for name in "abc"]
    is_held, let_go = asyncio.Event(), asyncio.Event()

    # Both are half way when the link that both have is let go.
    holding = asyncio.create_task(hold(charlie, middle, is_held, let_go))
    await is_held.wait()
    placing = [
        asyncio.create_task(place(alice, first, middle, last)),
        asyncio.create_task(place(bob, last, middle, first)),
    ]
    await wait_for_locks(2)
    let_go.set()
    await holding
    ended = await asyncio.gather(*placing, return_exceptions=True)

    assert sorted(type(each).__name__ for each in ended) == ["ActiveLink", "list"]
    assert await Order.count() == 3
