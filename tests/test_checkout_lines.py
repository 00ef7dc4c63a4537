from typing import Any

import pytest

from domain import catalog, checkout
from domain.money import UNIT
from models.accounts import Session
from models.catalog import ServiceType
from models.checkout import CartLine
from tests.browser import Browser
from tests.factories import make_account
from tests.shopping import checked, customer, fill_cart, on_sale, signed_in, typed


async def test_first_addition_gives_a_visitor_a_session_and_leads_to_the_cart(browser: Browser) -> None:
    service = await on_sale(name="Story reach")

    answer = await browser.submit("/cart/lines", typed(service, "Example.com/page?utm_source=a"))

    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = (await browser.get("/cart")).text
    assert "Story reach" in page
    assert "https://example.com/page" in page
    assert '<span class="count" id="cart-count">1</span>' in page


async def test_first_addition_with_script_goes_to_the_cart_too(browser: Browser) -> None:
    answer = await browser.submit("/cart/lines", typed(await on_sale()), htmx=True)

    assert answer.headers["hx-redirect"] == "/cart"
    assert "set-cookie" in answer.headers


async def test_next_addition_answers_a_fresh_form_the_new_count_and_a_toast(browser: Browser) -> None:
    service = await on_sale()
    await browser.submit("/cart/lines", typed(service))

    answer = await browser.submit("/cart/lines", typed(service, "example.com/other"), htmx=True)

    assert answer.status_code == 200
    assert '<form class="card order-form" id="order-form"' in answer.text
    assert 'name="link" value=""' in answer.text
    assert '<span class="count" id="cart-count" hx-swap-oob="true">2</span>' in answer.text
    assert "Added to your cart." in answer.headers["hx-trigger"]
    assert "<html" not in answer.text


async def test_refused_addition_shows_the_service_again_with_what_was_typed(browser: Browser) -> None:
    service = await on_sale()

    answer = await browser.submit("/cart/lines", typed(service, "http://127.0.0.1/", quantity="7"))

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "belongs to a private or reserved network" in answer.text
    assert "Quantity must be 100 to 10,000." in answer.text
    assert 'value="http://127.0.0.1/"' in answer.text
    assert "set-cookie" not in answer.headers
    assert await Session.count() == 0


async def test_refused_addition_with_script_answers_the_form_alone(browser: Browser) -> None:
    answer = await browser.submit("/cart/lines", typed(await on_sale(), ""), htmx=True)

    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert "Give the link that this order is for." in answer.text


async def test_same_service_and_link_twice_is_refused_at_the_link(browser: Browser) -> None:
    service = await on_sale()
    await browser.submit("/cart/lines", typed(service))

    answer = await browser.submit("/cart/lines", typed(service, "www.example.com/page/"))

    assert answer.status_code == 422
    assert "in your cart for this link already" in answer.text


async def test_full_cart_says_so_in_the_form(browser: Browser) -> None:
    account = await signed_in(browser)
    service = await on_sale()
    for number in range(50):
        await checkout.add_line(customer(account), await checked(service, f"example.com/{number}"))

    answer = await browser.submit("/cart/lines", typed(service), htmx=True)

    assert answer.status_code == 409
    assert "Your cart is full" in answer.text
    assert "Add to cart" in answer.text


@pytest.mark.parametrize("number", ["0", "-1", "abc", "", "99999999999999999999999", "1.5"])
async def test_addition_of_no_known_service_is_a_page_that_says_so(browser: Browser, number: str) -> None:
    await on_sale()

    answer = await browser.submit("/cart/lines", {"service": number, "link": "example.com"})

    assert answer.status_code == 404
    assert "not for sale" in answer.text


async def test_body_of_another_kind_is_no_bug(browser: Browser) -> None:
    service = await on_sale()
    headers = {"content-type": "application/json"}

    for body in (b"[1]", b"{", b'{"service": 1}', b"\xff\xfe"):
        assert (await browser.post("/cart/lines", content=body, headers=headers)).status_code in {400, 404}
    files: dict[str, Any] = {
        "service": (None, str(service.id)),
        "link": ("link.txt", b"example.com"),
        "quantity": (None, "1000"),
    }
    answer = await browser.post("/cart/lines", files=files)

    assert answer.status_code == 422
    assert "Give the link" in answer.text


async def test_fields_of_the_type_are_kept_with_the_line(browser: Browser) -> None:
    service = await on_sale(type=ServiceType.CUSTOM_COMMENTS, min_quantity=1)

    await browser.submit("/cart/lines", typed(service, comments="Nice\r\n\r\nThanks"))

    assert await CartLine.select(CartLine.quantity, CartLine.fields) == [
        {"quantity": 2, "fields": '{"comments": "Nice\\nThanks"}'}
    ]


async def test_change_replaces_the_cart_in_place(browser: Browser) -> None:
    account = await signed_in(browser)
    [service] = await fill_cart(customer(account), rate=2 * UNIT)
    await catalog.load()
    [line] = (await checkout.review(customer(account))).lines

    answer = await browser.submit(f"/cart/lines/{line.id}", typed(service, quantity="3000"), htmx=True)

    assert answer.status_code == 200
    assert answer.text.startswith('<section id="cart"')
    assert "$6.00" in answer.text
    assert await CartLine.select(CartLine.id, CartLine.link, CartLine.quantity) == [
        {"id": line.id, "link": "https://example.com/page", "quantity": 3000}
    ]


async def test_change_without_script_leads_back_to_the_cart(browser: Browser) -> None:
    account = await signed_in(browser)
    [service] = await fill_cart(customer(account))
    await catalog.load()
    [line] = (await checkout.review(customer(account))).lines

    answer = await browser.submit(f"/cart/lines/{line.id}", typed(service))

    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")


@pytest.mark.parametrize("htmx", [True, False])
async def test_refused_change_keeps_what_was_typed_and_changes_nothing(browser: Browser, htmx: bool) -> None:
    account = await signed_in(browser)
    [service] = await fill_cart(customer(account))
    await catalog.load()
    [line] = (await checkout.review(customer(account))).lines

    answer = await browser.submit(f"/cart/lines/{line.id}", typed(service, quantity="5"), htmx=htmx)

    assert answer.status_code == 422
    assert f'<a href="#field-quantity-{line.id}">Quantity must be 100 to 10,000.</a>' in answer.text
    assert f'id="field-quantity-{line.id}"' in answer.text
    assert ("<html" in answer.text) is not htmx
    assert (await checkout.find_line(customer(account), line.id)).quantity == 1000


async def test_removal_replaces_the_cart_and_its_count(browser: Browser) -> None:
    account = await signed_in(browser)
    await fill_cart(customer(account))
    [line] = (await checkout.review(customer(account))).lines

    answer = await browser.submit(f"/cart/lines/{line.id}/removal", htmx=True)

    assert "Your cart is empty" in answer.text
    assert '<span class="count" id="cart-count" hidden hx-swap-oob="true">0</span>' in answer.text
    assert await CartLine.count() == 0


async def test_removal_without_script_leads_back_to_the_cart(browser: Browser) -> None:
    account = await signed_in(browser)
    await fill_cart(customer(account))
    [line] = (await checkout.review(customer(account))).lines

    answer = await browser.submit(f"/cart/lines/{line.id}/removal")

    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")


@pytest.mark.parametrize("deed", ["", "/removal"])
async def test_line_of_another_customer_is_not_there(browser: Browser, deed: str) -> None:
    owner = await make_account()
    [service] = await fill_cart(customer(owner))
    await catalog.load()
    [line] = (await checkout.review(customer(owner))).lines
    visitors_answer = await browser.submit(f"/cart/lines/{line.id}{deed}", typed(service))
    await signed_in(browser)

    answer = await browser.submit(f"/cart/lines/{line.id}{deed}", typed(service))

    assert (visitors_answer.status_code, answer.status_code) == (404, 404)
    assert await CartLine.count() == 1


async def test_line_with_an_impossible_number_is_not_there(browser: Browser) -> None:
    await signed_in(browser)

    for number in ("0", str(2**63), str(10**30)):
        assert (await browser.submit(f"/cart/lines/{number}")).status_code == 404
        assert (await browser.submit(f"/cart/lines/{number}/removal")).status_code == 404
