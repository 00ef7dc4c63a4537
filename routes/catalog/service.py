"""One service: what it is, what a quantity of it costs, and the form that puts it into the cart."""

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from domain import catalog
from domain.catalog import FIELDS, ServiceView
from domain.checkout import links
from domain.errors import Invalid, NotFound
from domain.i18n import gettext as _
from routes.catalog.pricing import first_quantity, presets, price_of
from routes.catalog.shelf import Shelf
from routes.forms import Form
from routes.htmx import AnyRequest, fragment_or_redirect
from routes.pages import page
from routes.viewer import viewer_of


@get("/services/{service_id:int}", name="catalog.show")
async def show_service(request: AnyRequest, service_id: FromPath[int]) -> ASGIResponse:
    service = catalog.snapshot().service(service_id)
    if service is None:
        withdrawn = page(request, "catalog/withdrawn.html", service=await catalog.find_withdrawn(service_id))
        return withdrawn.to_asgi_response(None, request)
    shown = partial(service_page, request, service, Form(dict(request.query_params)))
    if viewer_of(request).session_id is None:
        shelf: Shelf = request.app.state.shelf
        return shelf.visitor_page(request, lambda: shown().content)
    return shown().to_asgi_response(None, request)


def service_page(request: AnyRequest, service: ServiceView, form: Form, *, status: int = 200) -> Response[bytes]:
    """The page of a service with what was typed into its form, and with what is wrong about it."""
    return page(request, "catalog/show.html", status=status, **order_form(service, form))


def order_form(service: ServiceView, form: Form) -> dict[str, Any]:
    """What catalog/_order_form.html shows."""
    if "quantity" not in form.values:
        form = Form({**form.values, "quantity": str(first_quantity(service))}, form.errors)
    return {
        "service": service,
        "rules": FIELDS[service.type],
        "form": form,
        "price": price_of(service, form),
        "presets": presets(service),
    }


@get("/services/{service_id:int}/price", name="catalog.price")
async def show_price(request: AnyRequest, service_id: FromPath[int]) -> Response[bytes]:
    service = _on_sale(service_id)
    price = price_of(service, Form(dict(request.query_params)))
    return page(request, "catalog/_price.html", price=price)


@post("/services/{service_id:int}/price", name="catalog.price_of_lines", status_code=200)
async def price_lines(request: AnyRequest, service_id: FromPath[int]) -> Response[Any]:
    """The price of a list, counted by line: too long for an address, and nobody else's business."""
    service = _on_sale(service_id)
    fragment = page(request, "catalog/_price.html", price=price_of(service, await Form.read(request)))
    return fragment_or_redirect(request, fragment, url=_address(request, service))


@post("/services/{service_id:int}/link-check", name="catalog.link_check", status_code=200)
async def create_link_check(request: AnyRequest, service_id: FromPath[int]) -> Response[Any]:
    """What the shop understood of a link, as soon as it is typed."""
    service = _on_sale(service_id)
    typed = (await Form.read(request))["link"]
    understood, problem = "", ""
    try:
        understood = links.parse(typed, platform=service.platform).label if typed else ""
    except Invalid as invalid:
        problem = str(invalid)
    fragment = page(request, "catalog/_understood.html", understood=understood, problem=problem)
    return fragment_or_redirect(request, fragment, url=_address(request, service))


def _on_sale(service_id: int) -> ServiceView:
    service = catalog.snapshot().service(service_id)
    if service is None:
        raise NotFound(_("This service is not for sale now."))
    return service


def _address(request: AnyRequest, service: ServiceView) -> str:
    return request.app.route_reverse("catalog.show", service_id=service.id)
