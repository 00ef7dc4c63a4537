import asyncio
from collections.abc import AsyncIterator

import pytest

from domain import checkout, wallet
from domain.money import UNIT
from models.catalog import Service, ServiceState
from models.checkout import Cart
from models.database import engine
from models.orders import Order
from models.payments import Payment
from settings import Settings
from tests.browser import Browser
from tests.factories import make_account, make_service
from tests.paying import PayingShop, paying_shop
from tests.shopping import (
    CURRENCY,
    checked,
    customer,
    fill_cart,
    hidden_fields,
    signed_in,
)


@pytest.fixture
async def shop_with_processor(settings: Settings) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


@pytest.fixture
async def paying(shop_with_processor: PayingShop) -> AsyncIterator[Browser]:
    """A browser on a shop whose processor is the sandbox."""
    async with Browser(shop_with_processor.web) as browser:
        yield browser


async def test_checkout_asks_a_visitor_to_sign_in_and_leads_back(browser: Browser) -> None:
    answer = await browser.get("/checkout")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fcheckout")


@pytest.mark.parametrize("path", ["orders", "payment", "confirmation", "return"])
async def test_checkout_does_nothing_for_a_visitor(browser: Browser, path: str) -> None:
    owner = await make_account()
    await fill_cart(customer(owner))

    answer = await browser.submit(f"/checkout/{path}", {"cart": "1", "revision": "0"})

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert await Cart.select(Cart.state) == [{"state": "open"}]


async def test_checkout_shows_lines_balance_and_what_is_missing(browser: Browser) -> None:
    account = await signed_in(browser, balance=UNIT)
    services = await fill_cart(customer(account), 2, rate=2 * UNIT)

    text = (await browser.get("/checkout")).text

    assert all(service.name in text for service in services)
    assert "\N{MINUS SIGN}$1.00" in text
    assert "Pay $3.00 and place 2 orders" in text
    assert text.count('class="button button--wide"') == 1


async def test_checkout_offers_to_place_when_the_balance_covers_it(browser: Browser) -> None:
    account = await signed_in(browser, balance=5 * UNIT)
    await fill_cart(customer(account), rate=2 * UNIT)

    text = (await browser.get("/checkout")).text

    assert "Place 1 order for $2.00" in text
    assert "Pay $" not in text


async def test_checkout_asks_for_the_same_number_of_queries_for_one_line_and_for_three(browser: Browser) -> None:
    account = await signed_in(browser)
    await fill_cart(customer(account))
    one = await count_queries(browser)
    await fill_cart(customer(account), 2)

    assert await count_queries(browser) == one


async def count_queries(browser: Browser) -> int:
    running = engine().current_transaction.get()
    assert running is not None
    counted: list[object] = []
    running.connection.add_query_logger(counted.append)
    try:
        assert (await browser.get("/checkout")).status_code == 200
    finally:
        running.connection.remove_query_logger(counted.append)
    return len(counted)


async def test_one_order_from_the_balance_leads_to_its_page(browser: Browser) -> None:
    account = await signed_in(browser, balance=5 * UNIT)
    await fill_cart(customer(account), rate=2 * UNIT)

    answer = await browser.submit("/checkout/orders", await hidden_fields(browser))

    [order] = await Order.select(Order.code, Order.charge)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{order['code']}")
    assert order["charge"] == 2 * UNIT
    assert await wallet.balance(account.id, currency=CURRENCY) == 3 * UNIT


async def test_several_orders_lead_to_the_list(browser: Browser) -> None:
    account = await signed_in(browser, balance=5 * UNIT)
    await fill_cart(customer(account), 2, rate=2 * UNIT)

    answer = await browser.submit("/checkout/orders", await hidden_fields(browser))

    assert (answer.status_code, answer.headers["location"]) == (303, "/orders")


@pytest.mark.commits
async def test_button_pressed_in_many_tabs_at_once_orders_once(browser: Browser) -> None:
    account = await signed_in(browser, balance=50 * UNIT)
    await fill_cart(customer(account), rate=2 * UNIT)
    fields = await hidden_fields(browser)

    answers = await asyncio.gather(*(browser.submit("/checkout/orders", fields) for _tab in range(4)))

    [order] = await Order.select(Order.code)
    assert {answer.headers["location"] for answer in answers} == {f"/orders/{order['code']}"}
    assert await wallet.balance(account.id, currency=CURRENCY) == 48 * UNIT


async def test_cart_that_changed_in_another_tab_is_shown_again_instead_of_ordered(browser: Browser) -> None:
    account = await signed_in(browser, balance=50 * UNIT)
    await fill_cart(customer(account), rate=2 * UNIT)
    fields = await hidden_fields(browser)
    await fill_cart(customer(account), rate=2 * UNIT)

    answer = await browser.submit("/checkout/orders", fields)

    assert answer.status_code == 409
    assert "Your cart changed since you opened this page." in answer.text
    assert "Place 2 orders for $4.00" in answer.text
    assert await Order.count() == 0


@pytest.mark.parametrize("path", ["orders", "payment", "confirmation"])
@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 18, "9" * 40])
async def test_checkout_of_an_impossible_cart_changes_nothing(browser: Browser, path: str, number: str) -> None:
    account = await signed_in(browser, balance=50 * UNIT)
    await fill_cart(customer(account))

    answer = await browser.submit(f"/checkout/{path}", {"cart": number, "revision": number, "missing": number})

    assert answer.status_code in {303, 409}
    assert await Cart.select(Cart.state) == [{"state": "open"}]


@pytest.mark.parametrize("path", ["orders", "payment", "confirmation", "return"])
async def test_cart_of_another_customer_is_neither_ordered_nor_paid_nor_changed(browser: Browser, path: str) -> None:
    owner = await make_account()
    await fill_cart(customer(owner))
    seen = (await checkout.review(customer(owner))).seen
    assert seen is not None
    await signed_in(browser, balance=50 * UNIT)

    fields = {"cart": str(seen.cart_id), "revision": str(seen.revision), "missing": "1000000000"}
    answer = await browser.submit(f"/checkout/{path}", fields)

    assert answer.status_code == {"orders": 409, "payment": 409, "confirmation": 303, "return": 404}[path]
    assert await Cart.select(Cart.state, Cart.revision) == [{"state": "open", "revision": seen.revision}]
    assert await Order.count() == await Payment.count() == 0


async def test_raised_price_is_confirmed_before_anything_is_ordered(browser: Browser) -> None:
    account = await signed_in(browser, balance=50 * UNIT)
    [service] = await fill_cart(customer(account), rate=2 * UNIT)
    fields = await hidden_fields(browser)
    await Service.update({Service.rate: 3 * UNIT}).where(Service.id == service.id)

    refused = await browser.submit("/checkout/orders", fields)
    agreed = await browser.submit("/checkout/confirmation", await hidden_fields(browser))
    placed = await browser.submit("/checkout/orders", await hidden_fields(browser))

    assert refused.status_code == 409
    assert "The price rose from $2.00 to $3.00" in refused.text
    assert "Agree to the new total of $3.00" in refused.text
    assert (agreed.status_code, agreed.headers["location"]) == (303, "/checkout")
    assert placed.status_code == 303
    assert await wallet.balance(account.id, currency=CURRENCY) == 47 * UNIT


async def test_line_that_cannot_be_ordered_leads_back_to_the_cart(browser: Browser) -> None:
    account = await signed_in(browser, balance=50 * UNIT)
    [service] = await fill_cart(customer(account))
    await Service.update({Service.state: ServiceState.OFF}).where(Service.id == service.id)

    text = (await browser.get("/checkout")).text

    assert "This service is not for sale at the moment." in text
    assert '<a class="button" href="/cart">Change your cart</a>' in text
    assert "Place 1 order" not in text


async def test_own_unfinished_order_on_the_link_is_named_before_paying(browser: Browser) -> None:
    account = await signed_in(browser, balance=50 * UNIT)
    service = await make_service()
    for _round in range(2):
        await checkout.add_line(customer(account), await checked(service, "example.com/a"))
        if _round == 0:
            await browser.submit("/checkout/orders", await hidden_fields(browser))
    [order] = await Order.select(Order.code)

    text = (await browser.get("/checkout")).text

    assert "is still under way" in text
    assert f'<a href="/orders/{order["code"]}">See order {order["code"]}</a>' in text


async def test_unconfirmed_address_is_offered_the_letter_again(browser: Browser) -> None:
    account = await signed_in(browser, balance=50 * UNIT, confirmed=False)
    await fill_cart(customer(account))

    text = (await browser.get("/checkout")).text

    assert "Confirm your mail address first" in text
    assert 'action="/account/confirmation"' in text
    assert "Place 1 order" not in text


async def test_paying_leads_to_the_processors_page_for_the_missing_amount(
    paying: Browser, shop_with_processor: PayingShop
) -> None:
    account = await signed_in(paying, balance=UNIT)
    await fill_cart(customer(account), rate=2 * UNIT)

    answer = await paying.submit("/checkout/payment", await hidden_fields(paying))

    [payment] = await Payment.select(Payment.code, Payment.amount, Payment.pay_url)
    assert (answer.status_code, answer.headers["location"]) == (303, payment["pay_url"])
    assert payment["amount"] == UNIT
    assert str(shop_with_processor.sandbox.bill_of(payment["code"]).amount) in {"1", "1.00"}


async def test_paying_twice_leads_to_the_same_page(paying: Browser) -> None:
    account = await signed_in(paying)
    await fill_cart(customer(account))
    fields = await hidden_fields(paying)

    first = await paying.submit("/checkout/payment", fields)
    second = await paying.submit("/checkout/payment", fields)

    assert first.headers["location"] == second.headers["location"]
    assert await Payment.count() == 1


async def test_payment_under_way_is_shown_and_can_be_left(paying: Browser) -> None:
    account = await signed_in(paying)
    await fill_cart(customer(account))
    fields = await hidden_fields(paying)
    await paying.submit("/checkout/payment", fields)

    shown = (await paying.get("/checkout")).text
    answer = await paying.submit("/checkout/return", {"cart": fields["cart"]})
    after = (await paying.get("/checkout")).text

    assert "A payment of $2.00 for 1 order is under way" in shown
    assert (answer.status_code, answer.headers["location"]) == (303, "/checkout")
    assert "Your cart is open again" in after
    assert "Pay $2.00 and place 1 order" in after


async def test_unreachable_processor_is_explained_and_the_cart_stays(browser: Browser) -> None:
    account = await signed_in(browser)
    await fill_cart(customer(account))

    answer = await browser.submit("/checkout/payment", await hidden_fields(browser))

    assert answer.status_code == 409
    assert "The payment company can&#39;t be reached." in answer.text
    assert "Pay $2.00 and place 1 order" in answer.text
