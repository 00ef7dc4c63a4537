"""Which requests are let in at all, and the headers that every answer carries."""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 256 * 1024

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def content_security_policy(form_targets: tuple[str, ...]) -> bytes:
    """The policy of every page. Forms may only go to the shop, and on from there to a processor's hosted page."""
    return f"{CONTENT_SECURITY_POLICY}; form-action 'self' {' '.join(form_targets)}".strip().encode()


def origin(url: str) -> str:
    """Scheme and host of an address, as a policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """Whether another site's page sent this, by Sec-Fetch-Site, or by Origin where a browser lacks it.

    A program that sends neither carries no cookie of a victim, so it is let through to the session's token check.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    sender = headers.get("origin")
    return sender is not None and urlsplit(sender).netloc != headers.get("host", "")
