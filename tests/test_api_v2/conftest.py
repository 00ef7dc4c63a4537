"""The provider's gateway, talking to the sandbox's provider on a real socket."""

from collections.abc import AsyncIterator

import pytest

from gateways.api_v2 import ApiV2
from sandbox.testing import RunningSandbox, running_sandbox
from tests.test_api_v2.requests import KEY


@pytest.fixture(scope="module")
async def outside() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(hang=5.0) as outside:
        yield outside


@pytest.fixture
def sandbox(outside: RunningSandbox) -> RunningSandbox:
    outside.clear_faults()
    outside.set_provider_balance("10000")
    return outside


@pytest.fixture
async def provider(sandbox: RunningSandbox) -> AsyncIterator[ApiV2]:
    provider = ApiV2(sandbox.provider_url, api_key=KEY, call_seconds=0.5)
    yield provider
    await provider.aclose()
