"""The first page for staff: where the orders are, what needs a person, whether the providers answer."""

from litestar import Response, get

from domain import staff
from routes.htmx import AnyRequest
from routes.pages import page


@get("/", name="staff.home")
async def show_overview(request: AnyRequest) -> Response[bytes]:
    return page(request, "staff/home.html", overview=await staff.find_overview())


handlers = [show_overview]
