import asyncio
import json

import pytest

from domain import checkout, orders, wallet
from domain.checkout import CartMoved, SeenCart
from domain.errors import Refused
from domain.money import UNIT
from models.accounts import Account
from models.catalog import Service, ServiceState
from models.checkout import Cart, CartLine, CartState
from models.database import fetch, fetch_value
from models.notices import MailMessage
from models.orders import Order
from tests.factories import make_account, make_cart
from tests.shopping import CURRENCY, SECRET_KEY, customer, fill_cart, fund, seen_cart


async def place(account: Account, seen: SeenCart | None = None) -> list[str]:
    seen = seen or await seen_cart(customer(account))
    return await checkout.place_from_balance(account.id, seen, currency=CURRENCY, secret_key=SECRET_KEY)


async def balance_of(account: Account) -> int:
    return await wallet.balance(account.id, currency=CURRENCY)


async def nothing_happened(account: Account, balance: int) -> bool:
    """The cart is open, no money moved, nobody was told."""
    states = await Cart.select(Cart.state).where(Cart.account == account.id)
    return (
        states == [{"state": CartState.OPEN}]
        and await Order.count() == 0
        and await balance_of(account) == balance
        and await MailMessage.count() == 0
        and await fetch_value("SELECT count(*) FROM pgqueuer") == 0
    )


async def test_placing_turns_the_cart_into_orders_a_charge_jobs_and_one_letter() -> None:
    account = await make_account("anna")
    services = await fill_cart(customer(account), 2, rate=2 * UNIT)
    await fund(account, 5 * UNIT)
    seen = await seen_cart(customer(account))

    codes = await place(account, seen)

    assert await Order.select(Order.code, Order.service, Order.cart, Order.quantity, Order.rate, Order.charge).order_by(
        Order.id
    ) == [
        {"code": code, "service": service.id, "cart": seen.cart_id, "quantity": 1000, "rate": 2 * UNIT,
         "charge": 2 * UNIT}
        for code, service in zip(codes, services, strict=True)
    ]  # fmt: skip
    assert await balance_of(account) == UNIT
    assert await Cart.select(Cart.state) == [{"state": "ordered"}]
    assert await CartLine.count() == 2
    assert await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'dispatch_order'") == 2
    assert await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'send_mail'") == 1


async def test_letter_lists_each_order_with_a_link_that_follows_it() -> None:
    account = await make_account("anna")
    services = await fill_cart(customer(account), 2, rate=2 * UNIT)
    await fund(account, 5 * UNIT)

    codes = await place(account)

    [letter] = await MailMessage.select(MailMessage.letter, MailMessage.to_address, MailMessage.context)
    context = json.loads(letter["context"])
    assert (letter["letter"], letter["to_address"], context["total"]) == ("order_placed", "anna@example.com", 4 * UNIT)
    assert [(order["code"], order["service"], order["charge"]) for order in context["orders"]] == [
        (code, service.name, 2 * UNIT) for code, service in zip(codes, services, strict=True)
    ]
    assert [orders.read_tracking_token(order["token"], SECRET_KEY) for order in context["orders"]] == codes


async def test_second_click_is_led_to_the_orders_of_the_first() -> None:
    account = await make_account()
    await fill_cart(customer(account))
    await fund(account, 10 * UNIT)
    seen = await seen_cart(customer(account))

    assert await place(account, seen) == await place(account, seen)

    assert (await Order.count(), await balance_of(account)) == (1, 8 * UNIT)


async def test_second_click_leaves_the_next_cart_alone() -> None:
    account = await make_account()
    await fill_cart(customer(account))
    await fund(account, 10 * UNIT)
    seen = await seen_cart(customer(account))
    codes = await place(account, seen)
    await fill_cart(customer(account))

    assert await place(account, seen) == codes

    assert await Order.count() == 1


@pytest.mark.commits
async def test_clicks_in_several_tabs_at_once_place_one_set_of_orders_for_one_charge() -> None:
    account = await make_account()
    await fill_cart(customer(account), 2, rate=2 * UNIT)
    await fund(account, 100 * UNIT)
    seen = await seen_cart(customer(account))

    answers = await asyncio.gather(*(place(account, seen) for _tab in range(5)))

    assert len({tuple(codes) for codes in answers}) == 1
    assert (await Order.count(), await MailMessage.count()) == (2, 1)
    assert await balance_of(account) == 96 * UNIT


@pytest.mark.commits
async def test_line_added_while_placing_is_ordered_or_stays_in_a_cart() -> None:
    """The addition and the click meet in the database in either order; nothing falls between them."""
    for _round in range(5):
        account = await make_account()
        await fill_cart(customer(account), rate=UNIT)
        await fund(account, 100 * UNIT)
        seen = await seen_cart(customer(account))

        results = await asyncio.gather(place(account, seen), fill_cart(customer(account)), return_exceptions=True)

        placed = 0 if isinstance(results[0], CartMoved) else 1
        waiting = await fetch_value(
            "SELECT count(*) FROM cart_lines l JOIN carts c ON c.id = l.cart WHERE c.account = $1 AND c.state = 'open'",
            account.id,
        )
        assert placed + waiting == 2


async def test_cart_that_changed_in_another_tab_is_not_ordered() -> None:
    account = await make_account()
    await fill_cart(customer(account))
    await fund(account, 10 * UNIT)
    seen = await seen_cart(customer(account))
    await fill_cart(customer(account))

    with pytest.raises(CartMoved, match="changed since you opened"):
        await place(account, seen)

    assert await nothing_happened(account, 10 * UNIT)


async def test_cart_of_somebody_else_is_not_ordered() -> None:
    owner, stranger = await make_account(), await make_account()
    await fill_cart(customer(owner))
    await fund(owner, 10 * UNIT)
    await fund(stranger, 10 * UNIT)

    with pytest.raises(CartMoved):
        await place(stranger, await seen_cart(customer(owner)))

    assert await nothing_happened(owner, 10 * UNIT)


async def test_raised_price_is_not_charged_before_it_is_confirmed() -> None:
    account = await make_account()
    [service] = await fill_cart(customer(account), rate=2 * UNIT)
    await fund(account, 10 * UNIT)
    await Service.update({Service.rate: 2 * UNIT + 1}).where(Service.id == service.id)

    with pytest.raises(Refused, match="price rose"):
        await place(account)

    assert await nothing_happened(account, 10 * UNIT)


async def test_lowered_price_is_charged_as_it_is_now() -> None:
    account = await make_account()
    [service] = await fill_cart(customer(account), rate=2 * UNIT)
    await fund(account, 10 * UNIT)
    await Service.update({Service.rate: UNIT}).where(Service.id == service.id)

    await place(account)

    assert await balance_of(account) == 9 * UNIT


async def test_service_taken_off_sale_is_not_ordered() -> None:
    account = await make_account()
    services = await fill_cart(customer(account), 2)
    await fund(account, 10 * UNIT)
    await Service.update({Service.state: ServiceState.OFF}).where(Service.id == services[1].id)

    with pytest.raises(Refused, match="not for sale"):
        await place(account)

    assert await nothing_happened(account, 10 * UNIT)


async def test_too_small_a_balance_places_nothing() -> None:
    account = await make_account()
    await fill_cart(customer(account), rate=2 * UNIT)
    await fund(account, 2 * UNIT - 1)

    with pytest.raises(wallet.InsufficientFunds):
        await place(account)

    assert await nothing_happened(account, 2 * UNIT - 1)


async def test_unconfirmed_address_orders_nothing() -> None:
    account = await make_account(confirmed=False)
    await fill_cart(customer(account))
    await fund(account, 10 * UNIT)

    with pytest.raises(Refused, match="Confirm your mail address"):
        await place(account)

    assert await nothing_happened(account, 10 * UNIT)


async def test_link_with_an_unfinished_order_is_refused_by_name() -> None:
    account = await make_account()
    [service] = await fill_cart(customer(account))
    await fund(account, 10 * UNIT)
    line = (await checkout.review(customer(account))).lines[0]
    other = await make_account()
    await Order(
        code="OPEN1", account=other.id, cart=(await make_cart(other)).id, service=service.id, quantity=1,
        link=line.link, link_key=line.link_key, currency=CURRENCY,
    ).save()  # fmt: skip

    with pytest.raises(Refused, match="still under way"):
        await place(account)

    assert await Order.count() == 1
    assert await balance_of(account) == 10 * UNIT


@pytest.mark.commits
async def test_two_customers_who_order_the_same_link_at_once_get_one_order() -> None:
    anna, ben = await make_account(), await make_account()
    [service] = await fill_cart(customer(anna))
    line = (await checkout.review(customer(anna))).lines[0]
    await fill_cart(customer(ben))
    await fetch("UPDATE cart_lines SET service = $1, link = $2, link_key = $3", service.id, line.link, line.link_key)
    for account in (anna, ben):
        await fund(account, 10 * UNIT)

    results = await asyncio.gather(place(anna), place(ben), return_exceptions=True)

    [refusal] = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(refusal, Refused)
    assert "still under way" in str(refusal)
    assert await Order.count() == 1
    assert await balance_of(anna) + await balance_of(ben) == 18 * UNIT
