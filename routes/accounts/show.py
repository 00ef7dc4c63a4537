"""The account's own page, and what can be changed there."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from domain import accounts
from domain.errors import Busy, Invalid
from domain.i18n import gettext as _
from routes.accounts.doors import ask_again, secret_key_of
from routes.forms import Form
from routes.guard import FOR_CUSTOMERS
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import customer_of, viewer_of

TEMPLATE = "accounts/show.html"


@get("/account", name="account.show", opt={FOR_CUSTOMERS: True})
async def show_account(request: AnyRequest) -> Response[bytes]:
    return page(request, TEMPLATE, form=Form(), done=_done(request), **await _kept(customer_of(request).id))


@post("/account/password", name="account.password.update", opt={FOR_CUSTOMERS: True})
async def update_password(request: AnyRequest) -> Response[Any]:
    viewer, account = viewer_of(request), customer_of(request)
    form = await Form.read(request)
    try:
        await accounts.change_password(
            account.id,
            form.values["current_password"],
            form.values["password"],
            session_id=viewer.session_id,
            secret_key=secret_key_of(request),
        )
    except (Invalid, Busy) as error:
        return ask_again(request, TEMPLATE, form, error, done="", **await _kept(account.id))
    return _back(request, done="password")


@post("/account/marketing", name="account.marketing.update", opt={FOR_CUSTOMERS: True})
async def update_marketing(request: AnyRequest) -> Response[Any]:
    form = await Form.read(request)
    await accounts.choose_marketing(customer_of(request).id, wanted=form.checked("marketing"))
    return _back(request, done="marketing")


@get("/.well-known/change-password", name="account.password.well_known")
async def show_change_password(request: AnyRequest) -> Response[Any]:
    """Where password managers send people (https://www.w3.org/TR/change-password-url/)."""
    return Redirect(f"{request.app.route_reverse('account.show')}#password", status_code=302)


async def _kept(account_id: int) -> dict[str, Any]:
    """What the page shows of an account beside the form that is being filled in."""
    profile = await accounts.find_profile(account_id)
    choices = Form({"marketing": "yes"} if profile.marketing_since else {})
    return {"profile": profile, "choices": choices}


def _back(request: AnyRequest, *, done: str) -> Response[Any]:
    return Redirect(f"{request.app.route_reverse('account.show')}?done={done}", status_code=303)


def _done(request: AnyRequest) -> str:
    """The short success to show after a redirect; the address only says which sentence."""
    sentences = {
        "password": _("Your password is changed"),
        "marketing": _("Your choice is saved"),
    }
    return sentences.get(request.query_params.get("done", ""), "")


handlers = [show_account, update_password, update_marketing, show_change_password]
