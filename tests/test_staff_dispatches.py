from domain import staff
from models.dispatch import DispatchState
from tests.browser import Browser
from tests.factories import make_staff
from tests.staff_world import make_dispatch, make_order


async def test_list_filters_by_state_with_the_newest_first() -> None:
    first = await make_dispatch(await make_order(), DispatchState.UNKNOWN)
    await make_dispatch(await make_order(), DispatchState.ACCEPTED, external_id="7")
    last = await make_dispatch(await make_order(), DispatchState.UNKNOWN)

    found = await staff.list_dispatches(state=DispatchState.UNKNOWN)

    assert [row["id"] for row in found.rows] == [last.id, first.id]


async def test_list_shows_answer_and_cost_and_links_to_the_order(browser: Browser) -> None:
    order = await make_order()
    await make_dispatch(order, DispatchState.REJECTED, note="Incorrect service ID")
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get("/staff/dispatches?state=rejected")).text

    for shown in ("Incorrect service ID", "$1.00", f'href="/staff/orders/{order.code}"'):
        assert shown in page


async def test_empty_list_says_so(browser: Browser) -> None:
    await browser.sign_in((await make_staff()).id)

    assert "No dispatch found" in (await browser.get("/staff/dispatches")).text
