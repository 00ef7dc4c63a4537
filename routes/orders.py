"""A customer's orders: the list, the page of one that changes by itself, and the signed link of a letter."""

import time
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath
from markupsafe import Markup

from domain import orders
from domain.i18n import gettext as _
from domain.i18n import locale
from domain.orders import OrderFilter, OrderPart, OrderView
from routes.addresses import read_before
from routes.guard import FOR_CUSTOMERS
from routes.htmx import AnyRequest
from routes.kept import Kept
from routes.live import Fragment, Live
from routes.pages import Pages, page
from routes.viewer import customer_of

WORDS_OF_TIME_LAST = 5  # seconds; "8 seconds ago" may be that much off
KEPT_PARTS = 1_000

# Language, order, its version, and the stretch of time.
PartKey = tuple[str, int, str, int]
OrderParts = Kept[PartKey, Markup]

LONGEST_SEARCH = 200  # characters; a link is the longest thing to look for


@get("/orders", name="orders.list", opt={FOR_CUSTOMERS: True})
async def list_orders(request: AnyRequest) -> Response[bytes]:
    q, only = _search(request), _filter(request)
    part = await orders.list_of_account(customer_of(request).id, only=only, search=q, before=read_before(request))
    return page(
        request,
        "orders/list.html",
        q=q,
        only=only,
        part=part,
        filters=[(label, _address(request, q, each), each == only, "") for each, label in _labels().items()],
        more=_address(request, q, only, part),
    )


@get("/orders/{code:str}", name="orders.show", opt={FOR_CUSTOMERS: True})
async def show_order(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    order = await orders.find_of_account(customer_of(request).id, code)
    return page(request, "orders/show.html", order=order, part=await _part(request, order))


@get("/orders/{code:str}/live", name="orders.live", opt={FOR_CUSTOMERS: True})
async def stream_order(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    order = await orders.find_of_account(customer_of(request).id, code)
    live: Live = request.app.state.live
    return await live.stream(request, f"order_{order.code}", partial(_fragment, request, order.code))


@get("/track/{token:str}", name="orders.track")
async def track_order(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    """How one order stands, for whoever holds the letter: no link, no money, nothing of its owner."""
    code = orders.read_tracking_token(token, request.app.state.settings.secret_key)
    order = await orders.find_by_code(code)
    return page(request, "orders/track.html", order=order, events=await orders.list_events(order.id))


async def _fragment(request: AnyRequest, code: str) -> Fragment:
    order = await orders.find_of_account(customer_of(request).id, code)
    return Fragment(await _part(request, order), is_final=order.is_final)


async def _part(request: AnyRequest, order: OrderView) -> Markup:
    """The part of the page that changes; kept as long as the order is the same and its times read the same."""
    parts: OrderParts = request.app.state.order_parts
    key = (locale.get(), order.id, order.version, int(time.monotonic() / WORDS_OF_TIME_LAST))
    part = parts.find(key)
    if part is not None:
        return part
    pages: Pages = request.app.state.pages
    text = pages.render("orders/_order.html", {"order": order, "events": await orders.list_events(order.id)})
    return parts.keep(key, Markup(text))  # noqa: S704 - our own template


def _search(request: AnyRequest) -> str:
    return request.query_params.get("q", "").strip()[:LONGEST_SEARCH]


def _filter(request: AnyRequest) -> OrderFilter:
    wanted = request.query_params.get("state", "")
    return OrderFilter(wanted) if wanted in set(OrderFilter) else OrderFilter.ALL


def _labels() -> dict[OrderFilter, str]:
    return {
        OrderFilter.ALL: _("All"),
        OrderFilter.OPEN: _("Open"),
        OrderFilter.COMPLETED: _("Completed"),
        OrderFilter.PARTIAL: _("Partial"),
        OrderFilter.CANCELED: _("Canceled"),
    }


def _address(request: AnyRequest, q: str, only: OrderFilter, part: OrderPart | None = None) -> str:
    """The list's address with this search and filter; with `part`, of the page after it."""
    parameters = {
        "q": q,
        "state": "" if only == OrderFilter.ALL else only,
        "before": part.next_before if part else None,
    }
    kept = {name: value for name, value in parameters.items() if value}
    return request.app.route_reverse("orders.list") + ("?" + urlencode(kept) if kept else "")


handlers = [list_orders, show_order, stream_order, track_order]
