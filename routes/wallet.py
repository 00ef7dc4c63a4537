"""A customer's wallet: balance, statement, receipts, and adding money."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Stream

from domain import payments, wallet
from domain.clock import now
from domain.errors import Invalid
from domain.wallet import StatementPart
from routes.addresses import read_before
from routes.forms import Form
from routes.guard import FOR_CUSTOMERS
from routes.htmx import AnyRequest
from routes.pages import page
from routes.processors import default_processor, go_to_payment
from routes.viewer import customer_of


@get("/", name="wallet.show")
async def show_wallet(request: AnyRequest) -> Response[bytes]:
    typed = {"amount": request.query_params.get("amount", "")}
    return await _wallet(request, Form(typed))


@post("/payments", name="wallet.payments.create")
async def create_payment(request: AnyRequest) -> Response[Any]:
    """Add money: on to the processor's hosted page."""
    form, account = await Form.read(request), customer_of(request)
    settings = request.app.state.settings
    try:
        payment = await payments.start_top_up(
            account.id,
            form["amount"],
            is_confirmed=account.email_confirmed_at is not None,
            processor=default_processor(request),
            currency=settings.currency,
            base_url=settings.base_url,
        )
    except Invalid as invalid:
        return await _wallet(request, form.with_errors(invalid), status=422)
    return go_to_payment(request, payment)


@get("/statement.csv", name="wallet.download")
async def download_statement(request: AnyRequest) -> Stream:
    part, currency = _part(request), request.app.state.settings.currency
    rows = wallet.write_statement(customer_of(request).id, currency=currency, part=part)
    name = f"statement-{part}-{now():%Y-%m-%d}.csv"
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@get("/receipts/{number:str}", name="wallet.receipt")
async def show_receipt(request: AnyRequest, number: FromPath[str]) -> Response[bytes]:
    receipt = await wallet.find_receipt(customer_of(request).id, number)
    return page(request, "wallet/receipt.html", receipt=receipt)


async def _wallet(request: AnyRequest, form: Form, *, status: int = 200) -> Response[bytes]:
    account_id, part = customer_of(request).id, _part(request)
    currency = request.app.state.settings.currency
    return page(
        request,
        "wallet/show.html",
        status=status,
        form=form,
        part=part,
        parts=list(StatementPart),
        statement=await wallet.read_statement(account_id, currency=currency, part=part, before=read_before(request)),
        receipts=await wallet.list_receipts(account_id),
        unfinished=await payments.list_unfinished(account_id),
    )


def _part(request: AnyRequest) -> StatementPart:
    asked = request.query_params.get("show", "")
    return StatementPart(asked) if asked in set(StatementPart) else StatementPart.ALL


router = Router(
    "/wallet",
    opt={FOR_CUSTOMERS: True},
    route_handlers=[show_wallet, create_payment, download_statement, show_receipt],
)
handlers = [router]
