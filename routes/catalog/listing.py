"""The list of services: its whole state is in the address."""

from litestar import get
from litestar.response.base import ASGIResponse

from routes.catalog.shelf import Shelf
from routes.htmx import AnyRequest


@get("/services", name="catalog.list")
async def list_services(request: AnyRequest) -> ASGIResponse:
    shelf: Shelf = request.app.state.shelf
    return shelf.list_page(request)
