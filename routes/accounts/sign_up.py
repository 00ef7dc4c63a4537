"""Signing up."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect

from domain import accounts
from domain.accounts import SignUp
from domain.errors import Busy, Invalid
from routes.accounts.doors import ask_again, enter, next_path, own_path, secret_key_of, visitor_of
from routes.forms import Form
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import viewer_of

TEMPLATE = "accounts/sign_up.html"


@get("/sign-up", name="accounts.sign_up")
async def new_account(request: AnyRequest) -> Response[Any]:
    if viewer_of(request).account is not None:
        return Redirect(request.app.route_reverse("account.show"), status_code=303)
    return page(request, TEMPLATE, form=Form({"next": next_path(request)}))


@post("/sign-up", name="accounts.create")
async def create_account(request: AnyRequest) -> Response[Any]:
    form = await Form.read(request)
    try:
        token = await accounts.register(_read(form), visitor=visitor_of(request), secret_key=secret_key_of(request))
    except (Invalid, Busy) as error:
        return ask_again(request, TEMPLATE, form, error)
    wanted = own_path(form["next"], "")
    url = request.app.route_reverse("accounts.confirm.new")
    return enter(request, token, f"{url}?next={quote(wanted)}" if wanted else url)


def _read(form: Form) -> SignUp:
    return SignUp(
        username=form["username"],
        email=form["email"],
        password=form.values["password"],  # blanks at its ends belong to it
        is_adult=form.checked("adult"),
        accepts_policies=form.checked("policies"),
        wants_marketing=form.checked("marketing"),
    )


handlers = [new_account, create_account]
