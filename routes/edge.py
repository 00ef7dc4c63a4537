"""The outermost layer: what happens to every request before and after Litestar, also to those no route matches."""

import gzip
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, cast

import asyncpg
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from domain.accounts import sessions
from domain.accounts.sessions import SessionView
from routes.assets import PREFIX, Assets
from routes.cookies import cookie_name
from routes.security import HEADERS, STRICT_TRANSPORT
from routes.viewer import FAILURE_KEY, SCOPE_KEY, VISITOR, Viewer, ViewerAccount, csrf_secret

# Asked for by the machine next door, before any proxy adds TLS.
HEALTH = frozenset({"/healthz", "/readyz"})
COMPRESS_FROM = 1_000  # bytes; below this gzip saves less than a packet


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    secure: bool
    secret_key: str
    currency: str
    allowed_hosts: frozenset[str]
    content_security_policy: bytes


class Edge:
    """Request id, host check, static files, session, security headers, HEAD and compression.

    Litestar's own layers for these cost five bare answers each request; this one is thin and the shop's own.
    """

    def __init__(self, app: ASGIApp, assets: Assets, settings: EdgeSettings) -> None:
        self.app = app
        self.assets = assets
        self.settings = settings
        self.cookie = cookie_name(secure=settings.secure).encode() + b"="
        always = [*HEADERS, (b"content-security-policy", settings.content_security_policy)]
        self.always = [*always, STRICT_TRANSPORT] if settings.secure else always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        request_id = token_hex(8)
        cast(dict[str, object], scope)["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        answer = _Answer(scope, send, headers, [*self.always, (b"x-request-id", request_id.encode())])
        try:
            await self._route(scope, receive, answer, headers)
        finally:
            structlog.contextvars.clear_contextvars()

    async def _route(self, scope: Scope, receive: Receive, answer: "_Answer", headers: dict[bytes, bytes]) -> None:
        if not self._is_allowed_host(headers.get(b"host", b"").decode("latin-1")):
            await answer.plain(400, b"This shop does not answer to that host name.")
        elif self.settings.secure and scope["scheme"] == "http" and scope["path"] not in HEALTH:
            await answer.plain(403, b"This shop answers over https only.")
        elif scope["path"].startswith(PREFIX):
            await self.assets(scope, receive, answer)
        else:
            # A copy: the server must go on seeing HEAD, or it waits for the body that was promised.
            inner = {**scope, **await self._look(headers)}
            if answer.head:
                inner["method"] = "GET"
            await self.app(cast(Scope, inner), receive, answer)

    def _is_allowed_host(self, host: str) -> bool:
        name, _, port = host.rpartition(":")
        return (name if port.isdigit() else host) in self.settings.allowed_hosts

    async def _look(self, headers: dict[bytes, bytes]) -> dict[str, object]:
        """Who it is, for the scope; or what went wrong while looking, which the app then answers with its own page."""
        try:
            return {SCOPE_KEY: await self._find_viewer(headers)}
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return {FAILURE_KEY: error}

    async def _find_viewer(self, headers: dict[bytes, bytes]) -> Viewer:
        token = _cookie_value(headers.get(b"cookie", b""), self.cookie)
        session = await sessions.find(token, currency=self.settings.currency) if token else None
        return _viewer(session, csrf_secret(self.settings.secret_key, token)) if session else VISITOR


class _Answer:
    """Sends an answer with the headers that each one carries, without a body to HEAD, compressed where it pays."""

    def __init__(
        self, scope: Scope, send: Send, request: dict[bytes, bytes], headers: list[tuple[bytes, bytes]]
    ) -> None:
        self.send = send
        self.headers = headers
        self.head = scope.get("method") == "HEAD"
        self.gzip = b"gzip" in request.get(b"accept-encoding", b"")
        self.start: Any = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        if message["type"] == "http.response.body" and self.start is not None:
            start, self.start = self.start, None
            message = self._finish(start, message)
            await self.send(start)
        if message["type"] == "http.response.body" and self.head:
            message["body"] = b""
        await self.send(message)

    def _finish(self, start: Any, message: Any) -> Any:
        headers = [*start["headers"], *self.headers]
        names = {name.lower() for name, _value in headers}
        if b"cache-control" not in names:
            headers.append((b"cache-control", b"private, no-cache"))
        body = message.get("body", b"")
        if self._pays(headers, names, body, streaming=message.get("more_body", False)):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers = [pair for pair in headers if pair[0].lower() != b"content-length"]
            headers += [(b"content-length", str(len(body)).encode()), (b"content-encoding", b"gzip")]
            headers.append((b"vary", b"Accept-Encoding"))
        start["headers"] = headers
        return {**message, "body": body}

    def _pays(self, headers: list[tuple[bytes, bytes]], names: set[bytes], body: bytes, *, streaming: bool) -> bool:
        if not self.gzip or streaming or b"content-encoding" in names or len(body) < COMPRESS_FROM:
            return False
        return any(name.lower() == b"content-type" and value.startswith(b"text/") for name, value in headers)

    async def plain(self, status: int, text: bytes) -> None:
        """Answer without any page: for those who did not get as far as a route."""
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": text, "more_body": False})


def _cookie_value(header: bytes, prefix: bytes) -> str:
    for part in header.split(b";"):
        stripped = part.strip()
        if stripped.startswith(prefix):
            return stripped[len(prefix) :].decode("latin-1")
    return ""


def _viewer(session: SessionView, secret: bytes) -> Viewer:
    account = (
        ViewerAccount(session.account_id, session.username, session.email, session.email_confirmed_at)
        if session.account_id is not None and session.username
        else None
    )
    return Viewer(
        session_id=session.id,
        account=account,
        staff_id=session.staff_id,
        staff_role=session.staff_role,
        balance=session.balance,
        cart_count=session.cart_count,
        theme=session.theme,
        csrf_secret=secret,
    )
