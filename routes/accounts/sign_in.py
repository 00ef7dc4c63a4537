"""Signing in and out."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from domain import accounts
from domain.accounts import sessions
from domain.errors import Busy, Invalid
from domain.i18n import gettext as _
from routes.accounts.doors import ask_again, enter, next_path, own_path, secret_key_of, visitor_of
from routes.cookies import clear_session
from routes.forms import Form
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import viewer_of

TEMPLATE = "accounts/sign_in.html"


@get("/sign-in", name="accounts.sign_in")
async def new_session(request: AnyRequest) -> Response[Any]:
    wanted = next_path(request)
    if viewer_of(request).account is not None:
        return Redirect(wanted or request.app.route_reverse("account.show"), status_code=303)
    return page(request, TEMPLATE, form=Form({"next": wanted}), done=_done(request))


@post("/sign-in", name="accounts.session.create")
async def create_session(request: AnyRequest) -> Response[Any]:
    form = await Form.read(request)
    try:
        token = await accounts.sign_in(
            form["identifier"],
            form.values["password"],
            visitor=visitor_of(request),
            secret_key=secret_key_of(request),
        )
    except (Invalid, Busy) as error:
        return ask_again(request, TEMPLATE, form, error, done="")
    return enter(request, token, own_path(form["next"], request.app.route_reverse("catalog.list")))


@post("/sign-out", name="accounts.sign_out")
async def delete_session(request: AnyRequest) -> Response[Any]:
    viewer = viewer_of(request)
    if viewer.session_id is not None:
        await sessions.end(viewer.session_id)
    response = Redirect(request.app.route_reverse("home"), status_code=303)
    clear_session(response, secure=request.app.state.secure)
    # Pages that the browser keeps for its Back button are the account's too.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _done(request: AnyRequest) -> str:
    """What was just finished elsewhere and brought the person here; the address only says which sentence."""
    sentences = {
        "password": _("Your password is changed, and you are signed out everywhere. Sign in with the new one."),
        "address": _("Your mail address is confirmed. Sign in to go on."),
    }
    return sentences.get(request.query_params.get("done", ""), "")


handlers = [new_session, create_session, delete_session]
