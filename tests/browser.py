"""A browser for tests: keeps cookies, sends the session's token, follows nothing by itself."""

from typing import Any

import httpx

from domain.accounts import sessions
from routes.cookies import DEVELOPMENT_NAME
from routes.guard import TOKEN_HEADER
from routes.viewer import Viewer, csrf_secret
from settings import DEVELOPMENT

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Browser(httpx.AsyncClient):
    """An httpx client with a same-origin page behind it."""

    def __init__(self, shop: httpx.AsyncBaseTransport) -> None:
        super().__init__(transport=shop, base_url="http://shop.test", headers={"Sec-Fetch-Site": "same-origin"})

    async def sign_in(self, account_id: int) -> None:
        """Open a session for an account without going through the sign-in page."""
        self.cookies.set(DEVELOPMENT_NAME, await sessions.begin(account_id), domain="shop.test", path="/")

    @property
    def csrf_token(self) -> str:
        """The token that the shop's forms carry for this session; "" without one."""
        token = self.cookies.get(DEVELOPMENT_NAME)
        return Viewer(csrf_secret=csrf_secret(DEVELOPMENT["SECRET_KEY"], token)).csrf_token if token else ""

    async def submit(self, url: str, fields: dict[str, Any] | None = None, *, htmx: bool = False) -> httpx.Response:
        """Post a form as a page of the shop would: with its token, and htmx's headers when it has script."""
        headers = {**(HTMX if htmx else {}), TOKEN_HEADER: self.csrf_token}
        return await self.post(url, data=fields or {}, headers=headers)

    async def get_fragment(self, url: str) -> httpx.Response:
        """What htmx fetches."""
        return await self.get(url, headers=HTMX)
