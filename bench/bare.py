"""The measure: a Litestar application that answers and does nothing else."""

from litestar import Litestar, Response, get, post


@get("/bare")
async def show_bare() -> Response[bytes]:
    return Response(b"bare", media_type="text/plain")


@post("/bare", status_code=200)
async def create_nothing() -> Response[bytes]:
    return Response(b"bare", media_type="text/plain")


def application() -> Litestar:
    return Litestar([show_bare, create_nothing], openapi_config=None, logging_config=None)
