import pytest

from domain import staff
from domain.errors import NotFound
from models.database import fetch, transaction
from models.dispatch import DispatchState
from models.orders import OrderState
from models.staff import AccessLog
from tests.browser import Browser
from tests.factories import make_account, make_provider, make_service, make_staff
from tests.staff_world import make_case, make_dispatch, make_order, make_payment, make_staff_id


async def test_list_shows_everybodys_orders_with_the_newest_first(browser: Browser) -> None:
    alice = await make_order(await make_account("alice"))
    bob = await make_order(await make_account("bob"))
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get("/staff/orders")).text

    assert page.index(bob.code) < page.index(alice.code)
    assert "alice" in page
    assert "@example.com" not in page.partition("<main")[2]


async def test_list_filters_by_state() -> None:
    parked = await make_order(state=OrderState.PARKED)
    await make_order(state=OrderState.COMPLETED)

    found = await staff.list_orders(state=OrderState.PARKED)

    assert [row["code"] for row in found.rows] == [parked.code]


@pytest.mark.parametrize("search", ["K7AAAAAAAA", "k7aaaaaaaa", "alice", "ALICE", "https://example.com/watch?v=1"])
async def test_search_finds_by_code_customer_and_link_in_any_spelling(search: str) -> None:
    wanted = await make_order(
        await make_account("alice"),
        code="K7AAAAAAAA",
        link="https://example.com/watch?v=1",
        link_key="example.com/watch?v=1",
    )
    await make_order()

    found = await staff.list_orders(search=search)

    assert [row["code"] for row in found.rows] == [wanted.code]


async def test_list_goes_on_where_the_page_ended(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.staff.lists.PAGE", 2)
    service = (await make_service()).id
    orders = [await make_order(service=service, state=OrderState.PARKED) for _ in range(3)]
    await browser.sign_in((await make_staff()).id)

    first = await staff.list_orders()
    second = await staff.list_orders(before=first.before)
    page = (await browser.get("/staff/orders?state=parked")).text

    assert [row["id"] for row in (*first.rows, *second.rows)] == [order.id for order in reversed(orders)]
    assert second.before is None
    assert f'href="/staff/orders?state=parked&amp;before={first.before}"' in page


async def test_unreadable_filters_show_the_whole_list(browser: Browser) -> None:
    order = await make_order()
    await browser.sign_in((await make_staff()).id)

    answer = await browser.get("/staff/orders?state=nonsense&before=%C2%B2&q=")

    assert answer.status_code == 200
    assert order.code in answer.text


async def test_show_tells_all_attempts_money_and_customer_masked(browser: Browser) -> None:
    provider = await make_provider("upstream", name="Upstream Inc", currency="EUR")
    order = await make_order(await make_account("alice"), state=OrderState.PARKED)
    await make_dispatch(order, DispatchState.NOT_SENT, note="Connection refused")
    unknown = await make_dispatch(order, DispatchState.UNKNOWN, note="No answer within 30 seconds")
    case = await make_case(unknown)
    payment = await make_payment(cart=order.cart)
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get(f"/staff/orders/{order.code}")).text

    for shown in ("Connection refused", "No answer within 30 seconds", provider.name, "€1.00", order.link, "$2.50"):
        assert shown in page
    assert f'href="/staff/payments/{payment.code}"' in page
    assert f'href="/staff/cases/{case.id}"' in page
    assert "a•••@example.com" in page
    assert "alice@example.com" not in page


async def test_show_is_logged_with_who_looked_at_whom() -> None:
    account = await make_account()
    order = await make_order(account)
    by = await make_staff_id()

    await staff.find_order(order.code, staff_id=by)

    logged = await AccessLog.select(AccessLog.staff_member, AccessLog.account, AccessLog.what, AccessLog.reference)
    assert logged == [{"staff_member": by, "account": account.id, "what": "order", "reference": order.code}]


async def test_nothing_is_logged_for_an_order_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        async with transaction():
            await staff.find_order("K7NOTHERE", staff_id=await make_staff_id())

    assert await AccessLog.count() == 0


async def test_access_log_cannot_be_edited() -> None:
    order = await make_order()
    await staff.find_order(order.code, staff_id=await make_staff_id())

    for change in ("UPDATE access_log SET reference = 'x'", "DELETE FROM access_log"):
        with pytest.raises(Exception, match="append-only"):
            async with transaction():
                await fetch(change)


@pytest.mark.parametrize(
    ("address", "masked"),
    [("alice@example.com", "a•••@example.com"), ("a@b.c", "a•••@b.c"), ("jürgen@müller.de", "j•••@müller.de")],
)
def test_mask_leaves_one_letter_and_the_host(address: str, masked: str) -> None:
    assert staff.mask_email(address) == masked
