"""The staff section: one guarded router, from which every page for staff hangs."""

from litestar import Router

from routes.staff import cases, dispatches, home, orders, payments
from routes.viewer import requires_staff

router = Router(
    "/staff",
    guards=[requires_staff],
    route_handlers=[
        *home.handlers,
        *orders.handlers,
        *payments.handlers,
        *dispatches.handlers,
        *cases.handlers,
    ],
)
