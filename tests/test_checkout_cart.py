from domain import checkout
from domain.money import UNIT
from models.catalog import Service, ServiceState, ServiceType
from tests.browser import Browser
from tests.factories import make_account, make_service
from tests.shopping import checked, customer, fill_cart, signed_in


async def test_empty_cart_says_what_to_do_and_sets_no_cookie(browser: Browser) -> None:
    answer = await browser.get("/cart")

    assert answer.status_code == 200
    assert "Your cart is empty" in answer.text
    assert "set-cookie" not in answer.headers


async def test_cart_shows_each_line_its_price_and_the_total(browser: Browser) -> None:
    account = await signed_in(browser)
    await fill_cart(customer(account), rate=2 * UNIT)
    package = await make_service(type=ServiceType.PACKAGE, rate=7 * UNIT, min_quantity=1, max_quantity=1)
    await checkout.add_line(customer(account), await checked(package, "t.me/channel"))

    text = (await browser.get("/cart")).text

    assert "1,000 at $2.00 per 1,000" in text
    assert "https://t.me/channel" in text
    assert "One package" in text
    assert '<a class="button" href="/checkout">Check and pay $9.00</a>' in text


async def test_cart_offers_a_form_with_unique_fields_for_each_line(browser: Browser) -> None:
    account = await signed_in(browser)
    await fill_cart(customer(account), 2)
    ids = [line.id for line in (await checkout.review(customer(account))).lines]

    text = (await browser.get("/cart")).text

    assert [text.count(f'id="field-link-{line_id}"') for line_id in ids] == [1, 1]
    assert [text.count(f'action="/cart/lines/{line_id}/removal"') for line_id in ids] == [1, 1]


async def test_cart_says_what_stands_in_the_way_of_a_line(browser: Browser) -> None:
    account = await signed_in(browser)
    [service] = await fill_cart(customer(account))
    await Service.update({Service.state: ServiceState.VANISHED}).where(Service.id == service.id)

    assert "This service is not for sale at the moment." in (await browser.get("/cart")).text


async def test_cart_says_that_a_price_fell(browser: Browser) -> None:
    account = await signed_in(browser)
    [service] = await fill_cart(customer(account), rate=2 * UNIT)
    await Service.update({Service.rate: UNIT}).where(Service.id == service.id)

    assert "The price fell from $2.00 to $1.00" in (await browser.get("/cart")).text


async def test_cart_of_another_customer_is_not_shown(browser: Browser) -> None:
    await fill_cart(customer(await make_account()))
    await signed_in(browser)

    assert "Your cart is empty" in (await browser.get("/cart")).text
