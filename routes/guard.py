"""Unsafe requests are let in only from our own pages: no other site's, and with the session's token."""

from litestar.exceptions import HTTPException

from domain.errors import Forbidden
from domain.i18n import gettext as _
from routes.addresses import check_address
from routes.forms import CSRF_FIELD, read_fields
from routes.htmx import AnyRequest
from routes.security import SAFE_METHODS, is_cross_site
from routes.viewer import check_found, customer_of, viewer_of

# A route that strangers may post to says so with this key, and tests/test_guard.py lists every one.
OPEN_TO_STRANGERS = "open_to_strangers"
# A route for whoever is signed in. Litestar's own guards copy the handler for every request.
FOR_CUSTOMERS = "for_customers"
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 - the name of a header


async def let_in(request: AnyRequest) -> None:
    """What every request passes before its handler runs.

    Raises SignInNeeded, Forbidden, NotFound and ClientException, and whatever kept the edge from finding the viewer.
    """
    check_found(request)
    check_address(request)
    if request.route_handler.opt.get(FOR_CUSTOMERS):
        customer_of(request)
    await check_unsafe(request)


async def check_unsafe(request: AnyRequest) -> None:
    """Stop a cross-site request, or one without its session's token, before the handler runs.

    Raises Forbidden.
    """
    if request.method in SAFE_METHODS or request.route_handler.opt.get(OPEN_TO_STRANGERS):
        return
    if is_cross_site(request.headers):
        raise Forbidden(_("This came from another site, so nothing was done."))
    viewer = viewer_of(request)
    if viewer.session_id is None or viewer.accepts_csrf(await _token(request)):
        return
    # A visitor's other tab may be older than the session, so its forms have no token; the browser says whose they are.
    if viewer.account is not None or request.headers.get("sec-fetch-site") != "same-origin":
        raise Forbidden(_("This page was open for too long. Go back, reload it and try again."))


async def _token(request: AnyRequest) -> str:
    header = request.headers.get(TOKEN_HEADER)
    if header is not None:
        return header
    try:
        return dict(await read_fields(request)).get(CSRF_FIELD, "")
    except HTTPException:
        # Not a form at all, so no token either.
        return ""
