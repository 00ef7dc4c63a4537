"""Lines of the cart: adding one, changing it, taking it out."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from domain import catalog, checkout
from domain.accounts import sessions
from domain.catalog import ServiceView
from domain.checkout import Shopper, Typed
from domain.errors import Invalid, NotFound, Refused
from domain.i18n import gettext as _
from routes.catalog.service import order_form, service_page
from routes.checkout.cart import cart_context, review_of, shopper_of
from routes.cookies import set_session
from routes.forms import Form
from routes.htmx import AnyRequest, fragment_or_redirect, go_to, toast, wants_fragment
from routes.pages import page
from routes.viewer import viewer_of


@post("/cart/lines", name="cart.lines.create", status_code=200)
async def create_line(request: AnyRequest) -> Response[Any]:
    form = await Form.read(request)
    service = _find_service(form.number("service"))
    try:
        line = checkout.check(service, _typed(form))
        shopper = shopper_of(viewer_of(request))
        if shopper is None:
            return await _begin_cart(request, line)
        await checkout.add_line(shopper, line)
    except Invalid as invalid:
        return _ask_again(request, service, form.with_errors(invalid), status=422)
    except Refused as refused:
        return _ask_again(request, service, form.with_errors(Invalid({"": str(refused)})), status=409)
    return fragment_or_redirect(request, _added(request, service, form), url=_cart_url(request))


@post("/cart/lines/{line_id:int}", name="cart.lines.update", status_code=200)
async def update_line(request: AnyRequest, line_id: FromPath[int]) -> Response[Any]:
    shopper, form = _existing_shopper(request), await Form.read(request)
    line = await checkout.find_line(shopper, line_id)
    try:
        service = _find_service(line.service_id)
        await checkout.change_line(shopper, line_id, checkout.check(service, _typed(form)))
    except Invalid as invalid:
        return await _cart(request, status=422, failed_id=line_id, failed=form.with_errors(invalid))
    return fragment_or_redirect(request, await _cart(request), url=_cart_url(request))


@post("/cart/lines/{line_id:int}/removal", name="cart.removals.create", status_code=200)
async def create_removal(request: AnyRequest, line_id: FromPath[int]) -> Response[Any]:
    await checkout.remove_line(_existing_shopper(request), line_id)
    return fragment_or_redirect(request, await _cart(request), url=_cart_url(request))


def _find_service(service_id: int | None) -> ServiceView:
    service = None if service_id is None else catalog.snapshot().service(service_id)
    if service is None:
        raise NotFound(_("This service is not for sale now."))
    return service


def _typed(form: Form) -> Typed:
    return Typed(link=form["link"], quantity=form.number("quantity"), fields=form.values)


async def _begin_cart(request: AnyRequest, line: checkout.CheckedLine) -> Response[Any]:
    """The first thing a visitor wants us to remember: only now there is a session, and with it a cookie.

    The whole page goes on to the cart, since the forms of the one that is open know nothing of the session yet.
    """
    token = await sessions.begin()
    session = await sessions.find(token, currency=request.app.state.settings.currency)
    if session is not None:
        await checkout.add_line(Shopper(session.id, None), line)
    response = go_to(request, _cart_url(request))
    set_session(response, token, secure=request.app.state.secure)
    return response


def _added(request: AnyRequest, service: ServiceView, form: Form) -> Response[Any]:
    """The order form, ready for the next link, and the new number beside the cart."""
    context = order_form(service, Form({**form.values, "link": "", "comments": ""}))
    count = viewer_of(request).cart_count + 1
    response = page(request, "checkout/create_line.htmx.html", count=count, **context)
    return toast(response, _("Added to your cart."))


def _ask_again(request: AnyRequest, service: ServiceView, form: Form, *, status: int) -> Response[bytes]:
    if wants_fragment(request):
        return page(request, "catalog/_order_form.html", status=status, **order_form(service, form))
    return service_page(request, service, form, status=status)


def _existing_shopper(request: AnyRequest) -> Shopper:
    """Raises NotFound for a visitor without a session."""
    shopper = shopper_of(viewer_of(request))
    if shopper is None:
        raise NotFound(_("That is not in your cart any more."))
    return shopper


async def _cart(request: AnyRequest, *, status: int = 200, **failure: Any) -> Response[bytes]:
    template = "checkout/update_cart.htmx.html" if wants_fragment(request) else "checkout/cart.html"
    context = cart_context(await review_of(viewer_of(request)), **failure)
    return page(request, template, status=status, **context)


def _cart_url(request: AnyRequest) -> str:
    return request.app.route_reverse("cart.show")


handlers = [create_line, update_line, create_removal]
