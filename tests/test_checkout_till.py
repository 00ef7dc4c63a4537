import asyncio

import pytest

from domain import checkout, wallet
from domain.checkout import SeenCart
from domain.money import UNIT
from models.accounts import Account
from models.database import fetch_value
from models.orders import Order
from tests.factories import make_account
from tests.shopping import CURRENCY, SECRET_KEY, customer, fill_cart, fund, seen_cart

Checkout = tuple[Account, SeenCart]


async def queue_up(people: int, *, lines: int = 1) -> list[Checkout]:
    """Customers with 10.00 in the wallet and 2.00 for each line of the cart."""
    waiting = []
    for _person in range(people):
        account = await make_account()
        await fill_cart(customer(account), lines, rate=2 * UNIT)
        await fund(account, 10 * UNIT)
        waiting.append((account, await seen_cart(customer(account))))
    return waiting


async def place(account: Account, seen: SeenCart) -> list[str]:
    return await checkout.place_from_balance(account.id, seen, currency=CURRENCY, secret_key=SECRET_KEY)


async def orders_of(account: Account) -> list[str]:
    return [row["code"] for row in await Order.select(Order.code).where(Order.account == account.id)]


@pytest.mark.commits
async def test_checkouts_that_arrive_together_share_one_transaction_and_keep_their_own_orders() -> None:
    waiting = await queue_up(6)

    answers = await asyncio.gather(*(place(account, seen) for account, seen in waiting))

    assert answers == [await orders_of(account) for account, _seen in waiting]
    assert [await wallet.balance(account.id, currency=CURRENCY) for account, _seen in waiting] == [8 * UNIT] * 6
    # The first finds nobody waiting and goes alone; the five that come meanwhile go together.
    assert await fetch_value("SELECT count(DISTINCT xmin::text) FROM orders") == 2


@pytest.mark.commits
async def test_books_of_a_group_add_up() -> None:
    waiting = await queue_up(4, lines=3)

    await asyncio.gather(*(place(account, seen) for account, seen in waiting))

    assert [await wallet.balance(account.id, currency=CURRENCY) for account, _seen in waiting] == [4 * UNIT] * 4
    assert await wallet.check_ledger() == []


@pytest.mark.commits
async def test_one_that_cannot_be_placed_holds_up_nobody_else() -> None:
    waiting = await queue_up(5)
    poor = await make_account()
    await fill_cart(customer(poor), rate=2 * UNIT)
    waiting.insert(3, (poor, await seen_cart(customer(poor))))

    answers = await asyncio.gather(*(place(account, seen) for account, seen in waiting), return_exceptions=True)

    assert isinstance(answers.pop(3), wallet.InsufficientFunds)
    waiting.pop(3)
    assert answers == [await orders_of(account) for account, _seen in waiting]
    assert await orders_of(poor) == []


@pytest.mark.commits
async def test_same_cart_twice_in_one_group_is_ordered_once() -> None:
    [first, second] = await queue_up(2)

    answers = await asyncio.gather(*(place(*each) for each in (first, second, second, second)))

    assert answers == [await orders_of(account) for account in (first[0], second[0], second[0], second[0])]
    assert await Order.count() == 2


@pytest.mark.commits
@pytest.mark.parametrize("leaver", [0, 1, 2])
@pytest.mark.parametrize("ticks", [1, 3, 10])
async def test_whoever_leaves_the_queue_leaves_the_others_served(leaver: int, ticks: int) -> None:
    waiting = await queue_up(4)
    tasks = [asyncio.ensure_future(place(account, seen)) for account, seen in waiting]
    for _tick in range(ticks):
        await asyncio.sleep(0)

    tasks[leaver].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    stayed = [number for number in range(4) if number != leaver]
    assert [answers[number] for number in stayed] == [await orders_of(waiting[number][0]) for number in stayed]
    assert all(answers[number] for number in stayed)
