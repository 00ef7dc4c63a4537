"""Confirming a mail address."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from domain import accounts
from domain.errors import Busy, NotFound
from routes.accounts.doors import ask_again, next_path, secret_key_of
from routes.forms import Form
from routes.guard import FOR_CUSTOMERS
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import customer_of, viewer_of

CHECK_MAIL = "accounts/check_mail.html"


@get("/account/confirmation", name="accounts.confirm.new", opt={FOR_CUSTOMERS: True})
async def new_confirmation(request: AnyRequest) -> Response[Any]:
    """Says that a letter is on its way, or that the address is confirmed and what comes next."""
    is_confirmed = customer_of(request).email_confirmed_at is not None
    return page(
        request,
        "accounts/confirmed.html" if is_confirmed else CHECK_MAIL,
        form=Form(),
        wanted=next_path(request),
        was_sent_again=request.query_params.get("sent") == "again",
    )


@post("/account/confirmation", name="accounts.confirm.create", opt={FOR_CUSTOMERS: True})
async def create_confirmation(request: AnyRequest) -> Response[Any]:
    """Writes the letter once more."""
    try:
        await accounts.send_again(customer_of(request).id, secret_key=secret_key_of(request))
    except Busy as busy:
        return ask_again(request, CHECK_MAIL, Form(), busy, wanted="", was_sent_again=False)
    return Redirect(f"{request.app.route_reverse('accounts.confirm.new')}?sent=again", status_code=303)


@get("/confirm/{token:str}", name="accounts.confirm.show")
async def show_confirmation(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    """Shows a button and changes nothing: mail scanners open every link."""
    try:
        confirmation = await accounts.find_confirmation(token, secret_key=secret_key_of(request))
    except NotFound as dead:
        return _dead_link(request, dead)
    return page(request, "accounts/confirm.html", confirmation=confirmation, token=token)


@post("/confirm/{token:str}", name="accounts.confirm.update")
async def update_confirmation(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    try:
        confirmation = await accounts.confirm_address(token, secret_key=secret_key_of(request))
    except NotFound as dead:
        return _dead_link(request, dead)
    account = viewer_of(request).account
    is_theirs = account is not None and account.id == confirmation.account_id
    own = request.app.route_reverse("accounts.confirm.new")
    sign_in = f"{request.app.route_reverse('accounts.sign_in')}?done=address"
    return Redirect(own if is_theirs else sign_in, status_code=303)


def _dead_link(request: AnyRequest, dead: NotFound) -> Response[bytes]:
    url = request.app.route_reverse("accounts.confirm.new")
    return page(request, "accounts/dead_link.html", status=404, message=str(dead), url_of_new=url)


handlers = [new_confirmation, create_confirmation, show_confirmation, update_confirmation]
