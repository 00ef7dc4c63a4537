"""A forgotten password: asking for a link, and choosing a new password with it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from domain import accounts
from domain.errors import Busy, Invalid, NotFound
from routes.accounts.doors import ask_again, secret_key_of, visitor_of
from routes.forms import Form
from routes.htmx import AnyRequest
from routes.pages import page

REQUEST = "accounts/password/new.html"
CHOOSE = "accounts/password/edit.html"


@get("/password", name="accounts.password.new")
async def new_reset(request: AnyRequest) -> Response[bytes]:
    return page(request, REQUEST, form=Form())


@post("/password", name="accounts.password.create")
async def create_reset(request: AnyRequest) -> Response[Any]:
    form = await Form.read(request)
    try:
        await accounts.request_reset(form["identifier"], visitor=visitor_of(request), secret_key=secret_key_of(request))
    except Busy as busy:
        return ask_again(request, REQUEST, form, busy)
    return Redirect(request.app.route_reverse("accounts.password.sent"), status_code=303)


@get("/password/sent", name="accounts.password.sent")
async def show_reset(request: AnyRequest) -> Response[bytes]:
    """The same page for every name, known or not."""
    return page(request, "accounts/password/sent.html")


@get("/password/{token:str}", name="accounts.password.edit")
async def edit_password(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    try:
        identity = await accounts.find_reset(token, secret_key=secret_key_of(request))
    except NotFound as dead:
        return _dead_link(request, dead)
    return page(request, CHOOSE, form=Form({"username": identity.username}), token=token)


@post("/password/{token:str}", name="accounts.password.update")
async def update_password(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    form = await Form.read(request)
    try:
        await accounts.reset_password(token, form.values["password"], secret_key=secret_key_of(request))
    except NotFound as dead:
        return _dead_link(request, dead)
    except (Invalid, Busy) as error:
        return ask_again(request, CHOOSE, form, error, token=token)
    return Redirect(f"{request.app.route_reverse('accounts.sign_in')}?done=password", status_code=303)


def _dead_link(request: AnyRequest, dead: NotFound) -> Response[bytes]:
    url = request.app.route_reverse("accounts.password.new")
    return page(request, "accounts/dead_link.html", status=404, message=str(dead), url_of_new=url)


handlers = [new_reset, create_reset, show_reset, edit_password, update_password]
