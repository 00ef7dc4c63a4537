"""The checkout: what will be ordered, what is missing, and the one button."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from domain import checkout
from domain.checkout import SeenCart
from domain.errors import Refused
from domain.money import MAXIMUM
from routes.checkout.cart import review_of
from routes.forms import Form
from routes.guard import FOR_CUSTOMERS
from routes.htmx import AnyRequest, go_to
from routes.pages import page
from routes.processors import default_processor, go_to_payment
from routes.viewer import customer_of, viewer_of
from settings import Settings


@get("/checkout", name="checkout.show", opt={FOR_CUSTOMERS: True})
async def show_checkout(request: AnyRequest) -> Response[bytes]:
    return await _checkout(request)


@post("/checkout/orders", name="checkout.orders.create", opt={FOR_CUSTOMERS: True})
async def create_orders(request: AnyRequest) -> Response[Any]:
    """Order from the balance. However often it is sent, the same orders are the answer."""
    settings: Settings = request.app.state.settings
    account, seen = customer_of(request), _seen(await Form.read(request))
    try:
        codes = await checkout.place_from_balance(
            account.id, seen, currency=settings.currency, secret_key=settings.secret_key
        )
    except Refused as refused:
        return await _checkout(request, status=409, refused=str(refused))
    return go_to(request, _after_placing(request, codes))


@post("/checkout/payment", name="checkout.payment.create", opt={FOR_CUSTOMERS: True})
async def create_payment(request: AnyRequest) -> Response[Any]:
    """Pay exactly what is missing; the orders are placed when the money is there."""
    settings: Settings = request.app.state.settings
    account, form = customer_of(request), await Form.read(request)
    try:
        payment = await checkout.pay_missing(
            account.id,
            _seen(form),
            seen_missing=min(form.number("missing") or 0, MAXIMUM),
            processor=default_processor(request),
            currency=settings.currency,
            base_url=settings.base_url,
        )
    except Refused as refused:
        return await _checkout(request, status=409, refused=str(refused))
    return go_to_payment(request, payment)


@post("/checkout/confirmation", name="checkout.confirmation.create", opt={FOR_CUSTOMERS: True})
async def create_confirmation(request: AnyRequest) -> Response[Any]:
    """Agree to the prices that the page showed."""
    await checkout.confirm_prices(customer_of(request).id, _seen(await Form.read(request)))
    return _to_checkout(request)


@post("/checkout/return", name="checkout.return.create", opt={FOR_CUSTOMERS: True})
async def create_return(request: AnyRequest) -> Response[Any]:
    """Take a cart back from a payment that the customer left."""
    await checkout.take_back(customer_of(request).id, (await Form.read(request)).number("cart") or 0)
    return _to_checkout(request)


async def _checkout(request: AnyRequest, *, status: int = 200, refused: str = "") -> Response[bytes]:
    return page(
        request,
        "checkout/show.html",
        status=status,
        review=await review_of(viewer_of(request)),
        waiting=await checkout.list_waiting(customer_of(request).id),
        refused=refused,
    )


def _seen(form: Form) -> SeenCart:
    """The cart that the page showed; no number at all is a cart that does not exist."""
    return SeenCart(form.number("cart") or 0, form.number("revision") or 0)


def _after_placing(request: AnyRequest, codes: list[str]) -> str:
    if len(codes) == 1:
        return request.app.route_reverse("orders.show", code=codes[0])
    return request.app.route_reverse("orders.list")


def _to_checkout(request: AnyRequest) -> Redirect:
    return Redirect(request.app.route_reverse("checkout.show"), status_code=303)


handlers = [show_checkout, create_orders, create_payment, create_confirmation, create_return]
