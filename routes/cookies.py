"""The shop's only cookie: the session, essential, set when it is first needed and not before."""

from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from domain.accounts.sessions import LIFETIME

DEVELOPMENT_NAME = "session"
PRODUCTION_NAME = "__Host-session"


def cookie_name(*, secure: bool) -> str:
    """Browsers accept a `__Host-` cookie only over TLS, so a shop on plain loopback HTTP goes without the prefix."""
    return PRODUCTION_NAME if secure else DEVELOPMENT_NAME


def set_session(response: Response[Any], token: str, *, secure: bool) -> None:
    response.set_cookie(_cookie(token, secure=secure, max_age=int(LIFETIME.total_seconds())))


def clear_session(response: Response[Any], *, secure: bool) -> None:
    response.set_cookie(_cookie("", secure=secure, max_age=0))


def _cookie(value: str, *, secure: bool, max_age: int) -> Cookie:
    return Cookie(
        key=cookie_name(secure=secure),
        value=value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
