"""Orders for staff: the list of everybody's, and one with all its attempts."""

from litestar import Response, get
from litestar.params import FromPath

from domain import staff
from models.orders import OrderState
from routes.htmx import AnyRequest
from routes.pages import page
from routes.staff.listing import Filters, staff_of


@get("/orders", name="staff.orders.list")
async def list_orders(request: AnyRequest) -> Response[bytes]:
    filters = Filters.read(request)
    state = filters.chosen(OrderState)
    found = await staff.list_orders(state=state, search=filters.search, before=filters.before)
    counts = await staff.count_orders(OrderState.open_states())
    return page(
        request,
        "staff/orders/list.html",
        orders=found,
        states=list(OrderState),
        counts=counts,
        state=state,
        filters=filters,
    )


@get("/orders/{code:str}", name="staff.orders.show")
async def show_order(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    file = await staff.find_order(code, staff_id=staff_of(request))
    return page(request, "staff/orders/show.html", file=file, email=staff.mask_email(file.order["email"]))


handlers = [list_orders, show_order]
