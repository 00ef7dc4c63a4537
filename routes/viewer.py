"""Who is looking: the session behind a request, read once, and the guards that ask for more."""

from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest, digest
from secrets import token_bytes
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from domain.errors import Forbidden, SignInNeeded
from domain.i18n import gettext as _

SCOPE_KEY = "viewer"
FAILURE_KEY = "viewer_failure"  # an exception in the place of a viewer


@dataclass(frozen=True, slots=True)
class ViewerAccount:
    id: int
    username: str
    email: str
    email_confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A visitor, a customer or a member of staff, as far as a page needs to know."""

    session_id: int | None = None
    account: ViewerAccount | None = None
    staff_id: int | None = None
    staff_role: str = ""
    balance: int | None = None  # 10^-8
    cart_count: int = 0
    theme: str = "auto"
    csrf_secret: bytes = field(default=b"", repr=False)

    @property
    def is_staff(self) -> bool:
        return self.staff_id is not None

    @property
    def csrf_token(self) -> str:
        """The session's token under a fresh mask, so that no two pages repeat it (BREACH); "" without a session."""
        if not self.csrf_secret:
            return ""
        mask = token_bytes(len(self.csrf_secret))
        return (mask + _xor(mask, self.csrf_secret)).hex()

    def accepts_csrf(self, token: str) -> bool:
        """Whether `token` is this session's; any text is safe to pass."""
        try:
            raw = bytes.fromhex(token)
        except ValueError:
            return False
        half = len(self.csrf_secret)
        return len(raw) == 2 * half and compare_digest(_xor(raw[:half], raw[half:]), self.csrf_secret)


VISITOR = Viewer()


def csrf_secret(secret_key: str, session_token: str) -> bytes:
    """The token bound to one session: whoever lacks the cookie cannot make it."""
    return digest(secret_key.encode(), f"csrf:{session_token}".encode(), "sha256")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def check_found(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raise what kept the edge from finding the viewer: nobody is taken for signed out while the database is away."""
    if failure := connection.scope.get(FAILURE_KEY):
        raise cast(Exception, failure)


def viewer_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer:
    """The viewer that the edge found for this request."""
    return cast(Viewer, connection.scope.get(SCOPE_KEY, VISITOR))


def customer_of(connection: ASGIConnection[Any, Any, Any, Any]) -> ViewerAccount:
    """The signed-in account. Raises SignInNeeded."""
    check_found(connection)
    account = viewer_of(connection).account
    if account is None:
        raise SignInNeeded(_("Sign in to see this page."))
    return account


# Guards are coroutines: Litestar would run a plain function in a thread, for every request.
async def requires_staff(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: only active staff; a customer is refused."""
    customer_of(connection)
    if not viewer_of(connection).is_staff:
        raise Forbidden(_("This page is for staff."))
