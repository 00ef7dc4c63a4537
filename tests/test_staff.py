from urllib.parse import unquote

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from app import create_app
from domain import staff
from models.accounts import StaffMember
from models.dispatch import DispatchState
from models.orders import OrderState
from routes.edge import Edge
from routes.viewer import requires_staff
from settings import Settings
from tests.browser import Browser
from tests.factories import make_account, make_provider, make_staff
from tests.staff_world import make_case, make_dispatch, make_order, make_payment
from tests.statements import counted_statements


def staff_routes(settings: Settings) -> list[HTTPRoute]:
    edge = create_app(settings)
    assert isinstance(edge, Edge)
    assert isinstance(edge.app, Litestar)
    return [route for route in edge.app.routes if isinstance(route, HTTPRoute) and route.path.startswith("/staff")]


def test_every_staff_route_hangs_from_the_guarded_router(settings: Settings) -> None:
    routes = staff_routes(settings)

    assert len(routes) > 10
    for route in routes:
        for handler in route.route_handlers:
            assert requires_staff in handler.resolve_guards(), route.path


async def test_signed_out_visitor_is_sent_to_sign_in_and_back(browser: Browser) -> None:
    answer = await browser.get("/staff/orders")

    assert (answer.status_code, unquote(answer.headers["location"])) == (303, "/sign-in?next=/staff/orders")


async def test_customer_is_refused_on_every_page(browser: Browser, settings: Settings) -> None:
    await browser.sign_in((await make_account()).id)

    for path in {route.path_format.format(code="K7", case_id=1) for route in staff_routes(settings)}:
        get = await browser.get(path)
        post = await browser.submit(path)

        assert {get.status_code, post.status_code} <= {403, 405}, path
        assert 403 in {get.status_code, post.status_code}, path


async def test_former_staff_is_refused(browser: Browser) -> None:
    account = await make_staff()
    await StaffMember.update({StaffMember.active: False}).where(StaffMember.account == account.id)
    await browser.sign_in(account.id)

    assert (await browser.get("/staff")).status_code == 403


async def test_overview_counts_what_waits(browser: Browser) -> None:
    await make_provider(healthy=False, health_note="Invalid API key")
    order = await make_order(state=OrderState.PARKED)
    await make_order(state=OrderState.COMPLETED)
    await make_case(await make_dispatch(order, DispatchState.UNKNOWN))
    await make_payment()
    await browser.sign_in((await make_staff()).id)

    answer = await browser.get("/staff")

    overview = await staff.find_overview()
    assert (overview.open_orders, overview.open_cases, overview.pending_payments) == (1, 1, 1)
    assert overview.orders[OrderState.COMPLETED] == 1
    assert overview.oldest_parked_at == order.placed_at
    assert answer.status_code == 200
    assert "Invalid API key" in answer.text


@pytest.mark.parametrize("path", ["/staff", "/staff/orders", "/staff/payments", "/staff/dispatches", "/staff/cases"])
async def test_a_longer_list_costs_no_more_statements(browser: Browser, path: str) -> None:
    await browser.sign_in((await make_staff()).id)
    counts = []

    for rows in (1, 2):
        for _ in range(rows):
            order = await make_order(state=OrderState.PARKED)
            await make_case(await make_dispatch(order, DispatchState.UNKNOWN))
            await make_payment(cart=order.cart)
        with counted_statements() as statements:
            assert (await browser.get(path)).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]
