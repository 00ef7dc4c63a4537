"""How an error reaches the person: a page in the shop's style, or a fragment for htmx. A 500 means a bug."""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from domain.errors import Busy, Forbidden, Invalid, NotFound, Overloaded, Refused, ShopError, SignInNeeded
from domain.i18n import gettext as _
from routes.htmx import AnyRequest, go_to, wants_fragment
from routes.pages import page

log = structlog.get_logger("web")

STATUS = {NotFound: 404, Refused: 409, Invalid: 422, Forbidden: 403, Overloaded: 503, Busy: 429, ShopError: 400}


def explain(request: AnyRequest, error: ShopError) -> Response[Any]:
    """Answer a rule's refusal with its own sentence."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    response = _answer(request, status, str(error))
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def ask_to_sign_in(request: AnyRequest, _error: SignInNeeded) -> Response[Any]:
    """Send the person to the sign-in page, and from there back to what they asked for."""
    wanted = request.url.path if request.method == "GET" else "/"
    return go_to(request, f"{request.app.route_reverse('accounts.sign_in')}?{urlencode({'next': wanted})}")


def explain_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Answer what Litestar refused: an unknown address, a wrong method, a body that is too large."""
    sentences = {
        404: _("There is no such page."),
        405: _("This address does not accept that."),
        413: _("That is more than this shop accepts at once."),
    }
    status = min(500, error.status_code)
    if status == 500:
        return explain_bug(request, error)
    response = _answer(request, status, sentences.get(status, _("The shop could not read that request.")))
    response.headers.update(error.headers or {})
    return response


def explain_bug(request: AnyRequest, error: Exception) -> Response[Any]:
    """Log what went wrong and say that it is our fault; nothing of it is shown."""
    # The route's pattern, not the address: a link from a letter has its token in the address.
    log.error("bug", method=request.method, route=request.scope.get("path_template", ""), exc_info=error)
    return _answer(
        request, 500, _("Something went wrong on our side. Before you try again, look whether it went through.")
    )


def _answer(request: AnyRequest, status: int, message: str) -> Response[Any]:
    template = "shared/_error.html" if wants_fragment(request) else "error.html"
    request_id = request.scope.get("request_id", "")
    return page(request, template, status=status, message=message, status_code=status, request_id=request_id)


HANDLERS: ExceptionHandlersMap = {
    SignInNeeded: ask_to_sign_in,
    ShopError: explain,
    HTTPException: explain_http,
    Exception: explain_bug,
}
