"""One sandbox per test file, emptied before each test, and a way to talk to it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.provider.catalogue import Service, services
from sandbox.testing import RunningSandbox, running_sandbox

SERVICE = "1001"  # Default, 2.63 USD per 1000, 200 to 2000, refill and cancel
LINK = "https://example.com/profile"


@pytest.fixture(scope="module")
async def module_sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(postbacks_in_background=False, hang=5.0) as running:
        yield running


@pytest.fixture
def sandbox(module_sandbox: RunningSandbox) -> RunningSandbox:
    module_sandbox.reset()
    return module_sandbox


@pytest.fixture
async def client(sandbox: RunningSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=3, trust_env=False) as client:
        yield client


class Reseller:
    """A shop calling the provider, as the trade's clients do: a form with key and action."""

    def __init__(self, sandbox: RunningSandbox, client: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self._client = client

    async def send(self, action: str, **fields: object) -> httpx.Response:
        form = {"key": self.sandbox.settings.provider_key, "action": action, **{k: str(v) for k, v in fields.items()}}
        return await self._client.post(self.sandbox.provider_url, data=form)

    async def ask(self, action: str, **fields: object) -> Any:
        return (await self.send(action, **fields)).json()

    async def add(self, link: str = LINK, quantity: int = 1000, service: str = SERVICE, **fields: object) -> str:
        """Place an order that must be accepted and return its id."""
        answer = await self.ask("add", service=service, link=link, quantity=quantity, **fields)
        return str(answer["order"])


@pytest.fixture
def reseller(sandbox: RunningSandbox, client: httpx.AsyncClient) -> Reseller:
    return Reseller(sandbox, client)


class Merchant:
    """A shop calling the card processor."""

    def __init__(self, sandbox: RunningSandbox, client: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self._client = client
        self.headers = {"Authorization": f"Bearer {sandbox.settings.cardlink_token}"}

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self._client.post(f"{self.sandbox.cardlink_url}/{path}", data=fields, headers=self.headers)

    async def get(self, path: str, **fields: str | int) -> Any:
        url = f"{self.sandbox.cardlink_url}/{path}"
        return (await self._client.get(url, params=fields, headers=self.headers)).json()

    async def open_bill(self, amount: str = "10.50", order_id: str = "pay-1", **fields: str) -> str:
        known = {"shop_id": self.sandbox.settings.cardlink_shop, "currency_in": "USD"}
        answer = await self.post("bill/create", amount=amount, order_id=order_id, **known, **fields)
        return str(answer.json()["bill_id"])


@pytest.fixture
def merchant(sandbox: RunningSandbox, client: httpx.AsyncClient) -> Merchant:
    return Merchant(sandbox, client)


def first_of(kind: str, **wanted: object) -> Service:
    return next(
        service
        for service in services().values()
        if service.kind == kind and all(getattr(service, name) == value for name, value in wanted.items())
    )
