"""What the pages before an account share: who knocks, where they go next, and a form that comes back."""

from typing import Any

from litestar import Response
from litestar.response import Redirect

from domain.accounts import Visitor
from domain.errors import Busy, Invalid, Overloaded
from routes.cookies import set_session
from routes.forms import Form
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import viewer_of


def visitor_of(request: AnyRequest) -> Visitor:
    """Who sent the request. Behind a proxy the server is told which hop to believe (`--forwarded-allow-ips`)."""
    viewer = viewer_of(request)
    address = request.client.host if request.client else ""
    return Visitor(session_id=viewer.session_id, theme=viewer.theme, address=address)


def secret_key_of(request: AnyRequest) -> str:
    key: str = request.app.state.settings.secret_key
    return key


def own_path(wanted: str, default: str) -> str:
    """The address to go on to: a path of this shop, or the default.

    Browsers read "//host" and "/\\host" as another site, and drop tabs and line ends before they look.
    """
    is_path = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if is_path and wanted.isprintable() and "\\" not in wanted and " " not in wanted else default


def next_path(request: AnyRequest) -> str:
    """`?next=` as a path of this shop; "" when it is none."""
    return own_path(request.query_params.get("next", ""), "")


def enter(request: AnyRequest, token: str, url: str) -> Response[Any]:
    """Go on with a new session."""
    response = Redirect(url, status_code=303)
    set_session(response, token, secure=request.app.state.secure)
    return response


def ask_again(
    request: AnyRequest, template: str, form: Form, error: Invalid | Busy, **context: object
) -> Response[bytes]:
    """The same form with what is wrong, or with how long to wait; nothing that was typed is lost."""
    if isinstance(error, Invalid):
        return page(request, template, status=422, form=form.with_errors(error), **context)
    status = 503 if isinstance(error, Overloaded) else 429
    answer = page(request, template, status=status, form=form.with_errors(Invalid({"": str(error)})), **context)
    answer.headers["Retry-After"] = str(error.seconds)
    return answer
