"""Addresses whose pages are being built; each leaves this list when its route arrives."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

PENDING = {
    "orders.list": "/orders",
    "orders.show": "/orders/{code:str}",
}


def _handler(name: str, path: str) -> HTTPRouteHandler:
    async def show() -> Response[str]:
        return Response(name)

    return get(path, name=name)(show)


handlers = [_handler(name, path) for name, path in PENDING.items()]
