"""The processor's API as a shop calls it: Bearer token in, JSON out."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler

from sandbox import money, trouble
from sandbox.cardlink import bills, cursors, payments, returns
from sandbox.cardlink.bills import Missing, Unprocessable
from sandbox.cardlink.shapes import Shape, bill_shape, payment_shape, refund_shape
from sandbox.fields import Fields, read_fields
from sandbox.world import World

WebRequest = Request[Any, Any, Any]
DAY, END_OF_TIME = 86_400.0, 1e11  # seconds
# Money leaves as a JSON number written from the exact decimal, as the API does; a client must not read it as a float.
ENCODER = msgspec.json.Encoder(decimal_format="number")


def answer(shape: Shape, *, status: int = 200) -> Response[bytes]:
    return Response(ENCODER.encode(shape), status_code=status, media_type=MediaType.JSON)


def check_token(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    world: World = connection.app.state.world
    sent = connection.headers.get("authorization", "")
    if sent != f"Bearer {world.settings.cardlink_token}" or world.faults.take("cardlink.unauthorized") is not None:
        raise NotAuthorizedException


async def break_down(request: WebRequest) -> Response[str] | None:
    world: World = request.app.state.world
    return trouble.gateway_page() if world.faults.take("cardlink.error_page") is not None else None


def explain_unauthorized(_: WebRequest, __: NotAuthorizedException) -> Response[bytes]:
    return answer({"message": "Unauthenticated."}, status=401)


def explain_missing(_: WebRequest, __: Missing) -> Response[bytes]:
    return answer({"message": "Not found."}, status=404)


def explain_unprocessable(_: WebRequest, error: Unprocessable) -> Response[bytes]:
    return answer({"message": str(error), "errors": {name: [text] for name, text in error.errors.items()}}, status=422)


@post("/bill/create", status_code=200)
async def create_bill(request: WebRequest, world: NamedDependency[World]) -> Response[Any]:
    if world.faults.take("cardlink.create_timeout_before") is not None:
        await trouble.hang(request, world)
        return trouble.gateway_page(504)
    bill = bills.create(world, await read_fields(request))
    if world.faults.take("cardlink.create_timeout") is not None:
        await trouble.hang(request, world)
        return trouble.gateway_page(504)
    base = _pay_base(request, world)
    links = {"link_url": f"{base}/cardlink/link/{bill.id}", "link_page_url": f"{base}/cardlink/pay/{bill.id}"}
    return answer({"success": "true", **links, "bill_id": bill.id})


@get("/bill/status")
async def show_bill(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    bill = bills.find(world, request.query_params.get("id", ""))
    return answer(_distorted(world, bill_shape(bill)) | {"success": True})


@get("/bill/payments")
async def list_bill_payments(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    bill = bills.find(world, fields.get("id", ""))
    rows = [payment_shape(world, payment) for payment in payments.list_of(world, bill)]
    return answer(cursors.page(rows, fields, url=_url(request)))


@get("/bill/search")
async def search_bills(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    rows = [bill_shape(bill) for bill in bills.list_between(world, *_dates(fields))]
    return answer(cursors.page(rows, fields, url=_url(request)))


@post("/bill/toggle_activity", status_code=200)
async def toggle_bill(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    bill = bills.find(world, fields.get("id", ""))
    bills.set_active(world, bill, active=fields.get("active") in {"1", "true"})
    return answer(bill_shape(bills.find(world, bill.id)) | {"success": True})


@get("/payment/status")
async def show_payment(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    payment = payments.find(world, fields.get("id", ""))
    shape = payment_shape(world, payment) | {"success": True}
    if fields.get("refunds") in {"1", "true"}:
        shape["refunds"] = [refund_shape(refund) for refund in returns.refunds_of(world, payment)]
    if fields.get("chargeback") in {"1", "true"}:
        chargeback = returns.chargeback_of(world, payment)
        shape["chargeback"] = refund_shape(chargeback) if chargeback else None
    return answer(shape)


@get("/payment/search")
async def search_payments(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    rows = [payment_shape(world, payment) for payment in payments.list_between(world, *_dates(fields))]
    return answer(cursors.page(rows, fields, url=_url(request)))


@post("/refund/full/create", status_code=200)
async def create_full_refund(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    payment = payments.find(world, (await read_fields(request)).get("payment_id", ""))
    return answer(refund_shape(returns.refund(world, payment)) | {"success": True})


@post("/refund/partial/create", status_code=200)
async def create_partial_refund(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    amount = money.parse(fields.get("amount", ""))
    if amount is None:
        raise Unprocessable({"amount": "The amount field is required."})
    payment = payments.find(world, fields.get("payment_id", ""))
    return answer(refund_shape(returns.refund(world, payment, amount)) | {"success": True})


@get("/refund/status")
async def show_refund(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    refund = returns.find_refund(world, request.query_params.get("id", ""))
    return answer(refund_shape(refund) | {"success": True})


@get("/refund/search")
async def search_refunds(request: WebRequest, world: NamedDependency[World]) -> Response[bytes]:
    fields = await read_fields(request)
    rows = [refund_shape(refund) for refund in returns.list_refunds_between(world, *_dates(fields))]
    return answer(cursors.page(rows, fields, url=_url(request)))


@get("/merchant/balance")
async def show_balance(world: NamedDependency[World]) -> Response[bytes]:
    empty = {"balance_locked": 0, "balance_hold": 0}
    balances = [
        {"currency": currency, "balance_available": returns.balance(world, currency), **empty}
        for currency in bills.CURRENCIES
    ]
    return answer({"balances": balances, "success": True})


def _distorted(world: World, shape: Shape) -> Shape:
    """The bill as a processor with a fault would show it."""
    amount = world.faults.take("cardlink.wrong_amount")
    if amount is not None:
        shape["amount"] = money.parse(amount.get("amount", "")) or shape["amount"] * 10
    currency = world.faults.take("cardlink.wrong_currency")
    if currency is not None:
        shape["currency_in"] = currency.get("currency", "RUB" if shape["currency_in"] != "RUB" else "USD")
    order_id = world.faults.take("cardlink.wrong_order_id")
    if order_id is not None:
        shape["order_id"] = order_id.get("order_id", "somebody-else")
    return shape


def _pay_base(request: WebRequest, world: World) -> str:
    base = urlsplit(str(request.base_url))
    host = f"{world.settings.pay_host}:{base.port}" if world.settings.pay_host else base.netloc
    return f"{base.scheme}://{host}"


def _url(request: WebRequest) -> str:
    return str(request.base_url).rstrip("/") + request.url.path


def _dates(fields: Fields) -> tuple[float, float]:
    """The asked span in seconds; a finish date without a time includes its whole day."""
    start, finish = fields.get("start_date", ""), fields.get("finish_date", "")
    whole_day = DAY if len(finish) == len("2026-01-31") else 0.0
    return _moment(start) if start else 0.0, _moment(finish) + whole_day if finish else END_OF_TIME


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unprocessable({"date": "The date is not a valid date."}) from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


router = Router(
    "/cardlink/api/v1",
    route_handlers=[
        create_bill, show_bill, list_bill_payments, search_bills, toggle_bill, show_payment, search_payments,
        create_full_refund, create_partial_refund, show_refund, search_refunds, show_balance,
    ],
    guards=[check_token],
    before_request=break_down,
    exception_handlers={
        NotAuthorizedException: explain_unauthorized,
        Missing: explain_missing,
        Unprocessable: explain_unprocessable,
    },
)  # fmt: skip
