"""A dispatch desk for tests: the shop's own gateway, talking to the sandbox's provider over HTTP."""

from datetime import timedelta
from typing import Any

from domain import wallet
from domain.clock import now
from domain.dispatch.desk import Desk, Pace
from domain.dispatch.providers import Provider as Gateway
from domain.orders import PlacedOrder
from gateways.api_v2 import ApiV2
from models.accounts import Account
from models.catalog import Provider, Service, ServiceType
from models.database import fetch, fetch_one
from sandbox.provider.catalogue import services
from sandbox.testing import RunningSandbox
from settings import DEVELOPMENT
from tests.factories import make_provider, make_provider_service, make_service
from tests.ordering import place_order

PACE = Pace(timedelta(seconds=2), timedelta(seconds=8))


def open_gateway(sandbox: RunningSandbox, *, call_seconds: float = 0.5) -> ApiV2:
    return ApiV2(sandbox.provider_url, api_key=DEVELOPMENT["PROVIDER_API_KEY"], call_seconds=call_seconds)


def make_desk(**providers: Gateway) -> Desk:
    return Desk(providers=providers, pace=PACE, secret_key=DEVELOPMENT["SECRET_KEY"])


async def make_carried_service(
    provider: Provider | None = None, *, kind: ServiceType = ServiceType.DEFAULT, number: int = 0
) -> Service:
    """A service of ours that the sandbox's provider carries out, at exactly the provider's limits."""
    offered = [each for each in services().values() if each.kind == kind][number]
    provider = provider or await make_provider()
    service = await make_service(type=kind, min_quantity=offered.minimum, max_quantity=offered.maximum)
    await make_provider_service(provider, service, str(offered.id))
    return service


async def place_carried(service: Service, *, account: Account | None = None, **values: Any) -> PlacedOrder:
    """A paid order of exactly the smallest quantity, for 10 of the currency."""
    defaults: dict[str, Any] = {"quantity": service.min_quantity, "charge": 10 * 10**8}
    return await place_order(account, service, **defaults | values)


async def row_of(order: PlacedOrder) -> dict[str, Any]:
    row = await fetch_one("SELECT * FROM orders WHERE id = $1", order.id)
    assert row is not None
    return dict(row)


async def dispatches_of(order: PlacedOrder) -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch('SELECT * FROM dispatches WHERE "order" = $1 ORDER BY id', order.id)]


async def list_cases() -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch("SELECT * FROM cases ORDER BY id")]


async def make_due(*placed: PlacedOrder) -> None:
    """Let the time come at which these orders are looked at."""
    await fetch(
        "UPDATE orders SET next_check_at = $2 WHERE id = ANY ($1)", [o.id for o in placed], now() - timedelta(seconds=1)
    )


async def times_sent(sandbox: RunningSandbox, order: PlacedOrder) -> int:
    """How often the provider saw an `add` with this order's link, which no other order has."""
    link = (await row_of(order))["link"]
    return sum(fields["link"] == link for fields in sandbox.adds())


async def money_of(order: PlacedOrder) -> int:
    """What is in its customer's wallet, in 10^-8."""
    return await wallet.balance((await row_of(order))["account"], currency="USD")
