import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from domain import catalog
from domain.catalog import watch
from domain.errors import NotFound
from models.catalog import Service, ServiceState
from models.database import fetch, fetch_value, transaction
from tests.factories import make_service
from tests.statements import counted_statements

LISTENERS = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%catalog%'"


@pytest.fixture
async def following() -> AsyncIterator[None]:
    async with catalog.kept_fresh():
        yield


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await is_so():  # noqa: ASYNC110 - what is waited for happens in other processes, which set no event
            await asyncio.sleep(0.01)


async def is_listening() -> bool:
    return bool(await fetch_value(f"SELECT count(*) {LISTENERS}"))


async def until_sold(*expected: str) -> None:
    async def are_sold() -> bool:
        return names() == list(expected)

    await until(are_sold)


def names() -> list[str]:
    return [service.name for service in catalog.snapshot().services]


async def test_snapshot_holds_what_is_on_sale_in_the_order_of_the_catalogue() -> None:
    late = await make_service("Late", position=9)
    await make_service("Early", category=late.category, position=1)
    await make_service("Off", state=ServiceState.OFF)
    await make_service("Vanished", state=ServiceState.VANISHED)

    await catalog.load()

    assert names() == ["Early", "Late"]
    assert catalog.is_loaded()


async def test_loading_takes_the_same_number_of_queries_for_one_service_and_for_three() -> None:
    counts = []
    for _round in range(2):
        await make_service()
        with counted_statements() as statements:
            await catalog.load()
        counts.append(len(statements))
        await make_service()

    assert counts == [2, 2]


async def test_withdrawn_service_is_still_found_by_its_number() -> None:
    service = await make_service("Story reach", state=ServiceState.VANISHED)

    assert (await catalog.find_withdrawn(service.id)).name == "Story reach"
    with pytest.raises(NotFound):
        await catalog.find_withdrawn(0)


@pytest.mark.commits
async def test_a_change_committed_by_anyone_swaps_the_snapshot(following: None) -> None:
    await until(is_listening)

    async with transaction():
        await make_service("Story reach")
        await catalog.announce_change()

    await until_sold("Story reach")


@pytest.mark.commits
async def test_a_change_rolled_back_changes_nothing(following: None) -> None:
    before = catalog.snapshot()

    async with transaction() as running:
        await make_service("Story reach")
        await catalog.announce_change()
        await running.rollback()
    await asyncio.sleep(0.1)

    assert catalog.snapshot() is before


@pytest.mark.commits
async def test_what_was_missed_while_the_connection_was_lost_is_found_again(
    following: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BACK_OFF_SECONDS", (0.05,))
    await until(is_listening)
    await fetch(f"SELECT pg_terminate_backend(pid) {LISTENERS}")
    service = await make_service("Story reach")
    # Without a notification: nobody was there to hear it.
    await fetch("UPDATE catalog_versions SET version = version + 1")

    await until_sold("Story reach")

    async with transaction():
        await Service.update({Service.name: "Reach of a story"}).where(Service.id == service.id)
        await catalog.announce_change()
    await until_sold("Reach of a story")
