"""The policies, and how to reach the shop."""

from litestar import Response, get

from domain.policies import PRIVACY, TERMS
from routes.htmx import AnyRequest
from routes.pages import page


@get("/terms", name="policies.terms")
async def show_terms(request: AnyRequest) -> Response[bytes]:
    return page(request, "policies/terms.html", policy=TERMS)


@get("/privacy", name="policies.privacy")
async def show_privacy(request: AnyRequest) -> Response[bytes]:
    return page(request, "policies/privacy.html", policy=PRIVACY)


@get("/cookies", name="policies.cookies")
async def show_cookies(request: AnyRequest) -> Response[bytes]:
    return page(request, "policies/cookies.html", policy=None)


@get("/contact", name="policies.contact")
async def show_contact(request: AnyRequest) -> Response[bytes]:
    return page(request, "policies/contact.html", policy=None)


handlers = [show_terms, show_privacy, show_cookies, show_contact]
