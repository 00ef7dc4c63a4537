"""A dispatch desk at work: the sandbox's provider on a real socket, and an order that is ready to be sent."""

from collections.abc import AsyncIterator

import pytest

from domain.dispatch.desk import Desk
from domain.orders import PlacedOrder
from models.catalog import Service
from sandbox.testing import RunningSandbox, running_sandbox
from tests.dispatching import make_carried_service, make_desk, open_gateway, place_carried


@pytest.fixture(scope="package")
async def outside() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(hang=3.0) as outside:
        yield outside


@pytest.fixture
def sandbox(outside: RunningSandbox) -> RunningSandbox:
    """The outside world in good order."""
    outside.clear_faults()
    outside.set_provider_balance("1000000")
    return outside


@pytest.fixture
async def desk(sandbox: RunningSandbox) -> AsyncIterator[Desk]:
    gateway = open_gateway(sandbox)
    yield make_desk(sandbox=gateway)
    await gateway.aclose()


@pytest.fixture
async def service() -> Service:
    return await make_carried_service()


@pytest.fixture
async def order(service: Service) -> PlacedOrder:
    """Placed, paid, and not sent yet."""
    return await place_carried(service)
