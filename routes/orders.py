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
from routes.frame import TOKEN_PLACE, alike
from routes.guard import FOR_CUSTOMERS
from routes.htmx import AnyRequest
from routes.kept import Kept
from routes.live import Fragment, Live
from routes.pages import HTML, Pages, page
from routes.viewer import Viewer, customer_of, viewer_of

WORDS_OF_TIME_LAST = 5  # seconds; "8 seconds ago" may be that much off
KEPT_PARTS = 1_000

# Stand in a kept page for what differs from order to order; no name, mail address or text of a page holds either.
CODE_PLACE = "\N{SUBSTITUTE}"
PART_PLACE = Markup("<!--order-->")


class OrderPages:
    """What of the orders' pages is the same again: the part that changes, and the page around it."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        # By language, order, its version, and the stretch of time.
        self.parts: Kept[tuple[str, int, str, int], str] = Kept(KEPT_PARTS)
        # By language, whose header it is, and whether the order may still change.
        self.shells: Kept[tuple[str, Viewer, bool], str] = Kept(KEPT_PARTS)

    async def part(self, order: OrderView) -> str:
        """The part that changes; kept as long as the order is the same and its times read the same."""
        key = (locale.get(), order.id, order.version, int(time.monotonic() / WORDS_OF_TIME_LAST))
        part = self.parts.find(key)
        if part is not None:
            return part
        events = await orders.list_events(order.id)
        return self.parts.keep(key, self.pages.render("orders/_order.html", {"order": order, "events": events}))

    def around(self, viewer: Viewer, order: OrderView) -> tuple[str, str]:
        """The page before and after that part, with this order's code and this answer's own token."""
        look = alike(viewer)
        shell = self.shells.find_or_build((locale.get(), look, order.is_final), lambda: self._shell(look, order))
        filled = shell.replace(CODE_PLACE, order.code).replace(TOKEN_PLACE, viewer.csrf_token)
        before, _mark, after = filled.partition(PART_PLACE)
        return before, after

    def _shell(self, look: Viewer, order: OrderView) -> str:
        path = "/orders"
        around = {"viewer": look, "path": path, "frame": self.pages.frames.find(look, path)}
        shown = {"code": CODE_PLACE, "is_final": order.is_final, "part": PART_PLACE}
        return self.pages.render("orders/show.html", {**around, **shown})


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
    kept: OrderPages = request.app.state.order_pages
    part = await kept.part(order)
    before, after = kept.around(viewer_of(request), order)
    return Response((before + part + after).encode(), media_type=HTML)


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
    kept: OrderPages = request.app.state.order_pages
    return Fragment(await kept.part(order), is_final=order.is_final)


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
