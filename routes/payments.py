"""Payments: what processors post to us, the payer's way back, and the page that says how it went."""

from functools import partial
from typing import Any

import asyncpg
import structlog
from litestar import MediaType, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from domain import checkout, payments, wallet
from domain.payments.processors import Forged
from models.checkout import CartState
from models.payments import PaymentState
from routes.guard import FOR_CUSTOMERS, OPEN_TO_STRANGERS
from routes.htmx import AnyRequest
from routes.live import Fragment, Live
from routes.pages import Pages, page
from routes.processors import find_processor, go_to_payment
from routes.viewer import customer_of, viewer_of

log = structlog.get_logger("payments")

LARGEST_NOTIFICATION = 16 * 1024  # bytes; the documented fields fill one or two thousand


@post(
    "/payments/{processor:str}/notifications",
    name="payments.notifications.create",
    status_code=200,
    request_max_body_size=LARGEST_NOTIFICATION,
    opt={OPEN_TO_STRANGERS: True},
)
async def create_notification(request: AnyRequest, processor: FromPath[str]) -> Response[str]:
    """Store what a processor tells. Anything but 200 makes it tell again, so a failure of ours is a 503."""
    gateway = find_processor(request, processor)
    try:
        told = gateway.read_notification(await request.body(), request.headers)
    except Forged as forgery:
        log.warning("notification_refused", processor=processor, reason=str(forgery), fields=forgery.fields)
        return _plain("The signature does not hold.", status=400)
    try:
        await payments.record(processor, told)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.error("notification_not_stored", processor=processor, exc_info=error)  # noqa: TRY400 - says more than the event
        return _plain("Try again later.", status=503)
    return _plain("OK")


@post("/payments/{code:str}/return", name="payments.return", opt={OPEN_TO_STRANGERS: True})
async def return_from_processor(request: AnyRequest, code: FromPath[str]) -> Redirect:
    """The payer's browser comes from the processor's page, without our cookie; nothing it carries is read."""
    return _to_page(request, code)


@post("/payments/{code:str}/failure", name="payments.failure", opt={OPEN_TO_STRANGERS: True})
async def return_after_failure(request: AnyRequest, code: FromPath[str]) -> Redirect:
    return _to_page(request, code)


@get("/payments/{code:str}", name="payments.show", opt={FOR_CUSTOMERS: True})
async def show_payment(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    return page(request, "payments/show.html", **await _context(request, code))


@get("/payments/{code:str}/live", name="payments.live", opt={FOR_CUSTOMERS: True})
async def stream_payment(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    await payments.find_of_account(customer_of(request).id, code)
    live: Live = request.app.state.live
    return await live.stream(request, f"payment_{code}", partial(_fragment, request, code))


@post("/payments/{code:str}/attempts", name="payments.attempts.create", opt={FOR_CUSTOMERS: True})
async def create_attempt(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    """Ask the processor once more for its page, after it did not answer."""
    payment = await payments.find_of_account(customer_of(request).id, code)
    gateway = find_processor(request, payment.processor)
    payment = await payments.try_again(payment, gateway, base_url=request.app.state.settings.base_url)
    return go_to_payment(request, payment)


async def _context(request: AnyRequest, code: str) -> dict[str, Any]:
    account_id = customer_of(request).id
    payment = await payments.find_of_account(account_id, code)
    cart = await checkout.find_state(payment.cart_id) if payment.cart_id else None
    is_being_ordered = payment.state is PaymentState.PAID and cart is CartState.PAYING
    return {
        "payment": payment,
        "cart": cart,
        "receipt": await wallet.find_receipt_of_payment(account_id, payment.id),
        "is_open": payment.state in PaymentState.open_states() or is_being_ordered,
    }


async def _fragment(request: AnyRequest, code: str) -> Fragment:
    pages: Pages = request.app.state.pages
    context = await _context(request, code)
    html = pages.render("payments/_payment.html", {"viewer": viewer_of(request), **context})
    return Fragment(html, is_final=not context["is_open"])


def _to_page(request: AnyRequest, code: str) -> Redirect:
    return Redirect(request.app.route_reverse("payments.show", code=code), status_code=303)


def _plain(text: str, *, status: int = 200) -> Response[str]:
    return Response(text, status_code=status, media_type=MediaType.TEXT)


handlers = [
    create_notification,
    return_from_processor,
    return_after_failure,
    show_payment,
    stream_payment,
    create_attempt,
]
