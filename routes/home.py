"""The first page, the choice of theme, and whether the shop is alive."""

from urllib.parse import urlencode

import asyncpg
from litestar import Response, get, post
from litestar.response import Redirect

from domain import catalog
from domain.accounts import sessions
from domain.catalog import platforms
from models.database import fetch_value
from routes.cookies import set_session
from routes.forms import Form
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import viewer_of

THEMES = ("auto", "light", "dark")


@get("/", name="home")
async def show_home(request: AnyRequest) -> Response[bytes]:
    return page(request, "home.html", platforms=_platforms(request) if catalog.is_loaded() else [])


def _platforms(request: AnyRequest) -> list[tuple[str, str, bool, int]]:
    """Each platform with its services: label, address, not the current one, count."""
    services = request.app.route_reverse("catalog.list")
    return [
        (platforms.label(key), f"{services}?{urlencode({'platform': key})}", False, members.bit_count())
        for key, members in catalog.snapshot().platform_sets.items()
    ]


@post("/appearance", name="appearance.update", status_code=303)
async def update_appearance(request: AnyRequest) -> Response[None]:
    """Keep the theme with the session on the server: a preference needs no cookie of its own."""
    theme = (await Form.read(request))["theme"]
    response = Redirect(_back(request), status_code=303)
    if theme not in THEMES:
        return response
    viewer = viewer_of(request)
    if viewer.session_id is not None:
        await sessions.choose_theme(viewer.session_id, theme)
    else:
        set_session(response, await sessions.begin(theme=theme), secure=request.app.state.secure)
    return response


def _back(request: AnyRequest) -> str:
    """The page the person came from, by its path alone, so that no form can send anyone to another site."""
    referer = request.headers.get("referer", "")
    path = "/" + referer.split("://", 1)[-1].partition("/")[2] if "://" in referer else "/"
    return path if not path.startswith("//") else "/"


@get("/healthz", name="health.alive", media_type="text/plain")
async def show_alive() -> str:
    """The process answers."""
    return "alive"


@get("/readyz", name="health.ready", media_type="text/plain")
async def show_ready() -> Response[str]:
    """The process can serve: the database answers and the catalogue is loaded; 503 until then."""
    try:
        await fetch_value("SELECT 1")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return Response("no database", status_code=503)
    return Response("ready") if catalog.is_loaded() else Response("loading", status_code=503)


handlers = [show_home, update_appearance, show_alive, show_ready]
