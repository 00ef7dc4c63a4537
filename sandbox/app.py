"""Joins the provider, the processor and the mail host into one ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from sandbox import money, pages
from sandbox.cardlink import api as cardlink_api
from sandbox.cardlink import pages as cardlink_pages
from sandbox.cardlink import pay as cardlink_pay
from sandbox.cardlink.postbacks import Courier
from sandbox.mail import inbox
from sandbox.mail.smtp import MailHost
from sandbox.provider import api as provider_api
from sandbox.provider import pages as provider_pages
from sandbox.settings import Settings
from sandbox.world import World

HERE = Path(__file__).parent
WebRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Sandbox:
    """The application together with the parts that a test looks into."""

    asgi: Litestar
    world: World
    courier: Courier
    mail_host: MailHost


def create_sandbox(settings: Settings, *, shop: httpx.AsyncBaseTransport | None = None) -> Sandbox:
    """Build a sandbox of its own; several may live side by side.

    `shop` carries postbacks to a shop in the same process; without it they travel over the network.
    """
    world = World.open(settings)
    courier, mail_host = Courier(world, shop), MailHost(world)

    @contextlib.asynccontextmanager
    async def live(_: Litestar) -> AsyncIterator[None]:
        async with run_parts(world, courier, mail_host):
            yield

    asgi = Litestar(
        route_handlers=[
            pages.router,
            provider_api.answer_call,
            *provider_pages.HANDLERS,
            cardlink_api.router,
            cardlink_pay.router,
            *cardlink_pages.HANDLERS,
            inbox.router,
            create_static_files_router("/static", directories=[HERE / "static"]),
        ],
        dependencies={
            "world": Provide(lambda: world, sync_to_thread=False),
            "courier": Provide(lambda: courier, sync_to_thread=False),
        },
        exception_handlers={HTTPException: explain},
        lifespan=[live],
        openapi_config=None,
        logging_config=None,
        state=State({"world": world}),
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(build_environment())),
    )
    return Sandbox(asgi, world, courier, mail_host)


@contextlib.asynccontextmanager
async def run_parts(world: World, courier: Courier, mail_host: MailHost) -> AsyncIterator[None]:
    """The mail host listens and postbacks travel for as long as the application lives."""
    await mail_host.start()
    delivery = asyncio.create_task(courier.run()) if world.settings.postbacks_in_background else None
    try:
        yield
    finally:
        world.closing.set()
        if delivery is not None:
            delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivery
        await mail_host.stop()
        await courier.close()
        world.store.close()


def build_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    environment.filters["when"] = lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    environment.filters["money"] = lambda amount: money.text(amount, decimals=2)
    return environment


def explain(request: WebRequest, error: HTTPException) -> Response[Any]:
    """JSON for programs, a page for people."""
    if request.url.path.endswith(".json"):
        return Response({"error": error.detail}, status_code=error.status_code)
    return Template("error.html", context={"detail": error.detail}, status_code=error.status_code)
