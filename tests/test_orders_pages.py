import asyncio
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from app import create_app
from domain import orders
from domain.accounts import sessions
from domain.money import UNIT
from domain.orders import Actor
from domain.orders.lists import PAGE
from models.accounts import Account
from models.catalog import Service, ServiceType
from models.database import transaction
from models.dispatch import DispatchState
from models.orders import Order, OrderState
from routes.cookies import DEVELOPMENT_NAME
from settings import DEVELOPMENT, Settings
from tests.browser import Browser
from tests.factories import make_account, make_service
from tests.ordering import place_order, put_order_in
from tests.queries import count_queries
from tests.serving import serving
from tests.staff_world import make_dispatch, make_refund_case

LINK = "https://example.com/marta-travels"


@pytest.fixture
async def alice(browser: Browser) -> Account:
    """A customer who is signed in."""
    alice = await make_account("alice")
    await browser.sign_in(alice.id)
    return alice


def track(code: str) -> str:
    return f"/track/{orders.tracking_token(code, DEVELOPMENT['SECRET_KEY'])}"


# The list


async def test_list_shows_the_customers_orders_and_nobody_elses(browser: Browser, alice: Account) -> None:
    mine = await place_order(alice, link=LINK)
    other = await place_order()

    text = (await browser.get("/orders")).text

    assert f'href="/orders/{mine.code}"' in text
    assert "example.com/marta-travels" in text
    assert other.code not in text


async def test_list_is_for_who_is_signed_in(browser: Browser) -> None:
    answer = await browser.get("/orders")

    assert (answer.status_code, unquote(answer.headers["location"])) == (303, "/sign-in?next=/orders")


async def test_list_without_orders_leads_to_the_catalogue(browser: Browser, alice: Account) -> None:
    text = (await browser.get("/orders")).text

    assert "No orders yet" in text
    assert "Browse services" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["open", "done"]),
        ("state=open", ["open"]),
        ("state=completed", ["done"]),
        ("state=partial", []),
        ("state=nonsense", ["open", "done"]),
        ("q=MARTA-travels", ["open"]),
        ("q=vidéo", ["done"]),
        ("q=vidéo&state=open", []),
        ("before=1", []),
        ("before=nonsense", ["open", "done"]),
    ],
)
async def test_list_is_filtered_and_searched(browser: Browser, alice: Account, query: str, found: list[str]) -> None:
    codes = {
        "open": (await place_order(alice, link=LINK)).code,
        "done": (done := await place_order(alice, await make_service("Vidéo views"))).code,
    }
    await put_order_in(done, OrderState.COMPLETED)

    text = (await browser.get(f"/orders?{query}")).text

    assert [name for name, code in codes.items() if code in text] == found


async def test_list_finds_an_order_by_its_code_in_any_case(browser: Browser, alice: Account) -> None:
    wanted, other = await place_order(alice), await place_order(alice)

    text = (await browser.get(f"/orders?q={wanted.code.lower()}")).text

    assert f"/orders/{wanted.code}" in text
    assert other.code not in text


async def test_list_goes_on_where_the_page_ended(browser: Browser, alice: Account) -> None:
    service = await make_service()
    codes = [(await place_order(alice, service)).code for _number in range(PAGE + 2)]

    first = (await browser.get("/orders")).text
    more = first.partition('id="more"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await browser.get(more)).text

    assert [code for code in codes if code in first] == codes[2:]
    assert [code for code in codes if code in second] == codes[:2]
    assert 'id="more"' not in second


async def test_list_asks_the_database_as_often_for_three_orders_as_for_one(browser: Browser, alice: Account) -> None:
    await place_order(alice)
    await browser.get("/orders")
    async with count_queries() as for_one:
        await browser.get("/orders")
    await place_order(alice)
    await place_order(alice)

    async with count_queries() as for_three:
        await browser.get("/orders")

    assert for_three.queries == for_one.queries


# One order


async def test_order_shows_state_progress_and_money(browser: Browser, alice: Account) -> None:
    order = await place_order(alice, link=LINK, quantity=1000, charge=10 * UNIT)
    await put_order_in(order, OrderState.PARTIAL, start_count=500, remains=630, refunded=630 * UNIT // 100)

    text = (await browser.get(f"/orders/{order.code}")).text

    assert "Partly delivered</h1>" in text
    assert '<progress max="100" value="37"' in text
    assert "<b>370</b> of 1,000 delivered" in text
    assert "\N{MINUS SIGN}$6.30" in text
    assert "$3.70" in text
    assert LINK in text


async def test_order_that_is_running_listens_polls_and_can_be_reloaded(browser: Browser, alice: Account) -> None:
    order = await place_order(alice)

    text = (await browser.get(f"/orders/{order.code}")).text

    assert f'hx-sse:connect="/orders/{order.code}/live"' in text
    assert 'hx-trigger="every 60s"' in text
    assert f'<noscript><p><a href="/orders/{order.code}">Look again</a>' in text


async def test_order_that_is_finished_stays_as_it_is(browser: Browser, alice: Account) -> None:
    order = await place_order(alice)
    await put_order_in(order, OrderState.COMPLETED)

    text = (await browser.get(f"/orders/{order.code}")).text

    assert "Everything was delivered." in text
    assert '<progress max="100" value="100"' in text
    assert "hx-sse" not in text
    assert "hx-trigger" not in text.partition("<main")[2]


async def test_order_that_is_parked_says_that_the_money_is_safe(browser: Browser, alice: Account) -> None:
    order = await place_order(alice)
    async with transaction():
        await orders.move(order.id, OrderState.PARKED, actor=Actor.WORKER)

    text = (await browser.get(f"/orders/{order.code}")).text

    assert "Being checked</h1>" in text
    assert "Your money is safe, and nothing is sent twice." in text


async def test_order_of_a_package_delivered_in_part_promises_no_refund_yet(browser: Browser, alice: Account) -> None:
    order = await place_order(alice, await make_service(type=ServiceType.PACKAGE), quantity=1)
    await put_order_in(order, OrderState.PARTIAL)
    row = await Order.objects().get(Order.id == order.id)
    assert row is not None
    await make_refund_case(await make_dispatch(row, DispatchState.ACCEPTED))

    text = (await browser.get(f"/orders/{order.code}")).text

    assert "working out how much goes back" in text
    assert "is back in your wallet" not in text


async def test_order_keeps_the_name_under_which_it_was_ordered(browser: Browser, alice: Account) -> None:
    service = await make_service("Morning reach")
    order = await place_order(alice, service)
    await Service.update({Service.name: "Evening reach"}).where(Service.id == service.id)

    text = (await browser.get(f"/orders/{order.code}")).text

    assert "Morning reach</h2>" in text


async def test_order_shows_the_fields_of_its_type_as_text(browser: Browser, alice: Account) -> None:
    order = await place_order(alice, fields={"comments": "<b>Well made</b>", "device": "5"})

    text = (await browser.get(f"/orders/{order.code}")).text

    assert "&lt;b&gt;Well made&lt;/b&gt;" in text
    assert "Phones and computers" in text


@pytest.mark.parametrize("path", ["/orders/{code}", "/orders/{code}/live"])
async def test_order_of_another_customer_is_not_found(browser: Browser, alice: Account, path: str) -> None:
    order = await place_order(await make_account("bob"))

    assert (await browser.get(path.format(code=order.code))).status_code == 404


@pytest.mark.parametrize("path", ["/orders/{code}", "/orders/{code}/live"])
async def test_order_is_for_who_is_signed_in(browser: Browser, path: str) -> None:
    order = await place_order()
    url = path.format(code=order.code)

    answer = await browser.get(url)

    assert (answer.status_code, unquote(answer.headers["location"])) == (303, f"/sign-in?next={url}")


@pytest.mark.commits
async def test_order_page_hears_of_every_move_until_the_last(settings: Settings) -> None:
    alice = await make_account("alice")
    order = await place_order(alice)
    cookies = {DEVELOPMENT_NAME: await sessions.begin(alice.id)}
    async with (
        serving(create_app(settings)) as url,
        httpx.AsyncClient(base_url=url, cookies=cookies) as client,
        client.stream("GET", f"/orders/{order.code}/live") as answer,
    ):
        events = _Events(answer)
        assert 'data-state="placed"' in await events.next()

        await orders.move(order.id, OrderState.PENDING, actor=Actor.WORKER)
        assert 'data-state="pending"' in await events.next()

        async with transaction():
            locked = await orders.lock(order.id)
            await orders.note_progress(locked, start_count=10, remains=630)
        assert '<progress max="100" value="37"' in await events.next()

        await orders.move(order.id, OrderState.COMPLETED, actor=Actor.WORKER)
        assert 'data-state="completed"' in await events.next()
        assert await events.next() == "event: done\ndata: "


class _Events:
    """Server-sent events, one text for each."""

    def __init__(self, answer: Any) -> None:
        self.lines = answer.aiter_lines()

    async def next(self) -> str:
        async with asyncio.timeout(5):
            lines = [await anext(self.lines)]
            while line := await anext(self.lines):
                lines.append(line)
        return "\n".join(lines)


# The signed link of a letter


async def test_tracking_shows_the_state_signed_out_and_nothing_of_the_owner(browser: Browser) -> None:
    alice = await make_account("alice", locale="en")
    order = await place_order(alice, link=LINK, fields={"comments": "secret words"})
    await put_order_in(order, OrderState.IN_PROGRESS, remains=500, start_count=12)

    text = (await browser.get(track(order.code))).text

    assert "In progress</h1>" in text
    assert '<progress max="100" value="50"' in text
    for private in ("alice", alice.email, LINK, "marta", "secret words", "$"):
        assert private not in text


@pytest.mark.parametrize("token", ["nonsense", "", "abc.def"])
async def test_tracking_with_a_forged_token_is_not_found(browser: Browser, token: str) -> None:
    order = await place_order()
    forged = orders.tracking_token(order.code, "another secret")

    assert (await browser.get(f"/track/{token or forged}")).status_code == 404
