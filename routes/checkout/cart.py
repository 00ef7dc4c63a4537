"""The cart's page: every line with a form to change it."""

from typing import Any

from litestar import Response, get

from domain import checkout
from domain.checkout import Review, ReviewLine, Shopper
from routes.forms import Form
from routes.htmx import AnyRequest
from routes.pages import page
from routes.viewer import Viewer, viewer_of


@get("/cart", name="cart.show")
async def show_cart(request: AnyRequest) -> Response[bytes]:
    return page(request, "checkout/cart.html", **cart_context(await review_of(viewer_of(request))))


def shopper_of(viewer: Viewer) -> Shopper | None:
    """Whose cart it is; None for a visitor without a session, who has none."""
    if viewer.session_id is None:
        return None
    return Shopper(viewer.session_id, viewer.account.id if viewer.account else None)


async def review_of(viewer: Viewer) -> Review:
    """The viewer's open cart beside the balance."""
    shopper, balance = shopper_of(viewer), viewer.balance or 0
    return await checkout.review(shopper, balance=balance) if shopper else checkout.empty_review(balance=balance)


def cart_context(review: Review, *, failed_id: int | None = None, failed: Form | None = None) -> dict[str, Any]:
    """What checkout/_cart.html shows; the line `failed_id` keeps what was typed into it."""
    forms = {line.id: _form_of(line) for line in review.lines}
    if failed_id is not None and failed is not None:
        forms[failed_id] = failed
    return {
        "review": review,
        "line_forms": forms,
        "failed_id": failed_id,
        "form": failed or Form(),
    }


def _form_of(line: ReviewLine) -> Form:
    return Form({**line.fields, "link": line.link, "quantity": str(line.quantity)})


handlers = [show_cart]
