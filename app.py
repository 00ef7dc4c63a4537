"""The web entrance: joins settings, gateways, routes and templates into one application."""

import contextlib
from collections.abc import AsyncIterator

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp

import logs
import settings as environment
from domain import catalog
from domain.payments.processors import Processors
from gateways import close_processors, open_processors
from models.database import engine, pool
from routes import accounts, checkout, home, orders, payments, policies, staff, wallet, wellknown
from routes import catalog as catalog_pages
from routes.assets import Assets
from routes.catalog import Shelf
from routes.edge import Edge, EdgeSettings
from routes.errors import HANDLERS
from routes.guard import let_in
from routes.live import Live
from routes.pages import Pages, Shop
from routes.security import MAX_BODY, content_security_policy, origin
from settings import ROOT, Settings


def create_app(settings: Settings) -> ASGIApp:
    """Build the shop's web application; nothing is connected before it starts."""
    assets = Assets(ROOT / "static")
    pages = Pages(ROOT / "templates", assets, Shop.of(settings))
    live = Live(engine().dsn)
    state = {"pages": pages, "secure": settings.production, "settings": settings, "live": live, "shelf": Shelf(pages)}
    state["order_pages"] = orders.OrderPages(pages)
    app = Litestar(
        route_handlers=[
            *home.handlers,
            *catalog_pages.handlers,
            *checkout.handlers,
            *accounts.handlers,
            *policies.handlers,
            *wellknown.handlers,
            *orders.handlers,
            *payments.handlers,
            *wallet.handlers,
            staff.router,
        ],
        exception_handlers=HANDLERS,
        before_request=let_in,
        request_max_body_size=MAX_BODY,
        lifespan=[_database, _catalog, _processors, live.ending_with_the_process],
        plugins=[live.channels],
        state=State({**state, "processors": _open_processors(settings)}),
        openapi_config=None,
        debug=False,
        logging_config=None,
    )
    pages.bind(app)
    return Edge(app, assets, _edge(settings))


@contextlib.asynccontextmanager
async def _database(_app: Litestar) -> AsyncIterator[None]:
    """Open the pool with the application and close it with it; tests bring their own."""
    async with pool():
        yield


@contextlib.asynccontextmanager
async def _catalog(_app: Litestar) -> AsyncIterator[None]:
    """Answer nobody before the catalogue is loaded, and follow its changes from then on."""
    async with catalog.kept_fresh():
        yield


@contextlib.asynccontextmanager
async def _processors(app: Litestar) -> AsyncIterator[None]:
    """Close the processors' connections with the application."""
    yield
    await close_processors(app.state.processors)


def _open_processors(settings: Settings) -> Processors:
    return open_processors(
        cardlink_url=settings.cardlink_url,
        cardlink_token=settings.cardlink_token,
        cardlink_shop_id=settings.cardlink_shop_id,
    )


def _edge(settings: Settings) -> EdgeSettings:
    return EdgeSettings(
        secure=settings.production,
        secret_key=settings.secret_key,
        currency=settings.currency,
        allowed_hosts=frozenset(settings.allowed_hosts),
        content_security_policy=content_security_policy((origin(settings.cardlink_url),)),
    )


def application() -> ASGIApp:
    """What `uvicorn --factory app:application` starts."""
    settings = environment.current()
    logs.configure(json=settings.production)
    return create_app(settings)
