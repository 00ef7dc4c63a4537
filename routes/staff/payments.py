"""Payments for staff: the list of everybody's, and one with what the processor told us."""

from litestar import Response, get
from litestar.params import FromPath

from domain import staff
from models.payments import PaymentState
from routes.htmx import AnyRequest
from routes.pages import page
from routes.staff.listing import Filters, staff_of


@get("/payments", name="staff.payments.list")
async def list_payments(request: AnyRequest) -> Response[bytes]:
    filters = Filters.read(request)
    state = filters.chosen(PaymentState)
    found = await staff.list_payments(state=state, search=filters.search, before=filters.before)
    return page(
        request, "staff/payments/list.html", payments=found, states=list(PaymentState), state=state, filters=filters
    )


@get("/payments/{code:str}", name="staff.payments.show")
async def show_payment(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    file = await staff.find_payment(code, staff_id=staff_of(request))
    return page(request, "staff/payments/show.html", file=file, email=staff.mask_email(file.payment["email"]))


handlers = [list_payments, show_payment]
