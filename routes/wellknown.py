"""What programs look for at fixed addresses: how to report a weakness, and what not to crawl."""

from datetime import timedelta

from litestar import Response, get

from domain.clock import now
from routes.htmx import AnyRequest
from settings import Settings

TEXT = "text/plain"
SECURITY_TXT_LIFETIME = timedelta(days=90)

# Pages about one person, or without anything to find.
NOT_FOR_ROBOTS = (
    "/account", "/cart", "/checkout", "/confirm", "/orders", "/password", "/payments", "/sign-in", "/sign-up", "/staff",
    "/track", "/wallet",
)  # fmt: skip


@get("/.well-known/security.txt", name="wellknown.security")
async def show_security(request: AnyRequest) -> Response[str]:
    """RFC 9116. Written anew for every reader, so it never expires while the shop is up."""
    settings: Settings = request.app.state.settings
    expires = (now() + SECURITY_TXT_LIFETIME).isoformat(timespec="seconds").replace("+00:00", "Z")
    lines = (
        f"Contact: mailto:{settings.contact_email}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", media_type=TEXT)


@get("/robots.txt", name="wellknown.robots")
async def show_robots() -> Response[str]:
    lines = ("User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS))
    return Response("\n".join(lines) + "\n", media_type=TEXT)


handlers = [show_security, show_robots]
