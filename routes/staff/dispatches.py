"""Dispatches for staff: every attempt to hand an order to a provider."""

from litestar import Response, get

from domain import staff
from models.dispatch import DispatchState
from routes.htmx import AnyRequest
from routes.pages import page
from routes.staff.listing import Filters


@get("/dispatches", name="staff.dispatches.list")
async def list_dispatches(request: AnyRequest) -> Response[bytes]:
    filters = Filters.read(request)
    state = filters.chosen(DispatchState)
    found = await staff.list_dispatches(state=state, before=filters.before)
    return page(
        request,
        "staff/dispatches/list.html",
        dispatches=found,
        states=list(DispatchState),
        state=state,
        filters=filters,
    )


handlers = [list_dispatches]
