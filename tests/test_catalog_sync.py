import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain import catalog
from domain.catalog import UnusablePriceList
from domain.catalog.offers import read_offers
from domain.dispatch.providers import OfferedService
from domain.money import UNIT, with_markup
from models.catalog import Category, Provider, ProviderService, Service, ServiceRevision, ServiceState
from models.database import engine, fetch, fetch_value
from models.engine import connect
from tests.factories import make_provider
from tests.statements import counted_statements

REACH = OfferedService(
    external_id="1001",
    name="Story reach",
    category="Instagram reach",
    type="Default",
    cost=2 * UNIT,
    min_quantity=100,
    max_quantity=10_000,
    refill=True,
    cancel=False,
    drip_feed=True,
    description="Seen by people who follow travel.",
    average_minutes=90,
)
VISITS = replace(REACH, external_id="1002", name="Website visits", category="Website traffic", type="Web Traffic")


@pytest.fixture
async def provider() -> Provider:
    return await make_provider(markup_percent=30)


async def services() -> list[tuple[str, str, int]]:
    rows = await Service.select(Service.name, Service.state, Service.rate).order_by(Service.id)
    return [(row["name"], row["state"], row["rate"]) for row in rows]


async def revisions() -> list[tuple[str, int, str, str]]:
    rows = await fetch("SELECT name, rate, state, cause FROM service_revisions ORDER BY id")
    return [tuple(row) for row in rows]


async def everything() -> list[Any]:
    """Every row that a sync may touch."""
    tables = ("categories", "services", "service_revisions", "provider_services", "catalog_versions", "providers")
    return [await fetch(f"SELECT * FROM {table} ORDER BY id") for table in tables]


async def version() -> int:
    return int(await fetch_value("SELECT version FROM catalog_versions"))


async def test_first_sync_puts_the_list_on_sale_at_cost_with_markup(provider: Provider) -> None:
    report = await catalog.sync(provider, [REACH, VISITS])

    assert (report.listed, report.added, report.changed, report.withdrawn, report.unusable) == (2, 2, 0, 0, 0)
    assert await services() == [
        ("Story reach", "on_sale", 26 * UNIT // 10),
        ("Website visits", "on_sale", 26 * UNIT // 10),
    ]
    platforms = await Category.select(Category.name, Category.platform).order_by(Category.position)
    assert [tuple(row.values()) for row in platforms] == [
        ("Instagram reach", "instagram"),
        ("Website traffic", "websites"),
    ]
    assert await revisions() == [
        ("Story reach", 26 * UNIT // 10, "on_sale", "import"),
        ("Website visits", 26 * UNIT // 10, "on_sale", "import"),
    ]


async def test_the_same_list_again_changes_nothing(provider: Provider) -> None:
    await catalog.sync(provider, [REACH, VISITS])
    before = (await services(), await revisions(), await version())

    report = await catalog.sync(provider, [REACH, VISITS])

    assert (report.added, report.changed, report.withdrawn) == (0, 0, 0)
    assert (await services(), await revisions(), await version()) == before


@pytest.mark.parametrize(
    ("change", "recorded"),
    [
        ({"cost": 3 * UNIT}, True),
        ({"name": "Story reach, Europe"}, True),
        ({"min_quantity": 50}, True),
        ({"max_quantity": 20_000}, True),
        ({"average_minutes": 30}, False),
        ({"cancel": True}, False),
        ({"description": "Another text."}, False),
        ({"category": "Instagram stories"}, False),
    ],
)
async def test_a_change_raises_the_version_and_of_price_limits_and_name_a_revision_stays(
    provider: Provider, change: dict[str, Any], recorded: bool
) -> None:
    await catalog.sync(provider, [REACH])
    before = await version()

    report = await catalog.sync(provider, [replace(REACH, **change)])

    assert report.changed == 1
    assert await version() == before + 1
    assert [cause for *_rest, cause in await revisions()] == ["import", "sync"][: 2 if recorded else 1]


async def test_a_service_that_vanished_leaves_the_shelf_and_comes_back_by_itself(provider: Provider) -> None:
    await catalog.sync(provider, [REACH, VISITS])

    gone = await catalog.sync(provider, [VISITS])

    assert gone.withdrawn == 1
    assert [state for _name, state, _rate in await services()] == ["vanished", "on_sale"]
    assert await ProviderService.select(ProviderService.external_id).where(ProviderService.listed.eq(False)) == [
        {"external_id": "1001"}
    ]

    back = await catalog.sync(provider, [REACH, VISITS])

    assert back.changed == 1
    assert [state for _name, state, _rate in await services()] == ["on_sale", "on_sale"]
    assert [state for name, _rate, state, _cause in await revisions() if name == "Story reach"] == [
        "on_sale",
        "vanished",
        "on_sale",
    ]


async def test_what_staff_switched_off_stays_off_with_its_price_up_to_date(provider: Provider) -> None:
    await catalog.sync(provider, [REACH, VISITS])
    await Service.update({Service.state: ServiceState.OFF}).where(Service.name == "Story reach")

    await catalog.sync(provider, [replace(REACH, cost=4 * UNIT), VISITS])
    await catalog.sync(provider, [VISITS])
    await catalog.sync(provider, [replace(REACH, cost=4 * UNIT), VISITS])

    assert (await services())[0] == ("Story reach", "off", with_markup(4 * UNIT, 30))


@pytest.mark.parametrize("change", [{"cost": 0}, {"type": "Subscriptions"}])
async def test_what_this_shop_cannot_sell_arrives_switched_off(provider: Provider, change: dict[str, Any]) -> None:
    await catalog.sync(provider, [replace(REACH, **change)])

    assert [state for _name, state, _rate in await services()] == ["off"]


async def test_a_service_that_becomes_free_waits_until_it_has_a_price_again(provider: Provider) -> None:
    await catalog.sync(provider, [REACH])
    await catalog.sync(provider, [replace(REACH, cost=0)])
    free = await services()

    await catalog.sync(provider, [REACH])

    assert [state for _name, state, _rate in free] == ["vanished"]
    assert [state for _name, state, _rate in await services()] == ["on_sale"]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        [replace(REACH, name="\u200b")],
        [replace(REACH, type="No such type")],
        [replace(REACH, min_quantity=200, max_quantity=100)],
        [replace(REACH, cost=2**63 - 1)],
        [replace(REACH, cost=-UNIT)],
        [replace(REACH, external_id="")],
        [replace(REACH, external_id="1\x001")],
    ],
)
async def test_an_empty_or_broken_answer_changes_nothing(provider: Provider, broken: list[OfferedService]) -> None:
    await catalog.sync(provider, [REACH, VISITS])
    before = await everything()

    with pytest.raises(UnusablePriceList):
        await catalog.sync(provider, broken)

    assert await everything() == before


async def test_two_lines_with_one_id_are_one_service(provider: Provider) -> None:
    await catalog.sync(provider, [REACH, replace(REACH, name="The same again")])

    assert [name for name, _state, _rate in await services()] == ["Story reach"]


async def test_limits_stay_where_a_charge_can_still_be_written(provider: Provider) -> None:
    vast = replace(REACH, min_quantity=0, max_quantity=2**62)
    package = replace(REACH, type="package", min_quantity=5, max_quantity=10)

    offers = read_offers([vast, replace(package, external_id="1")], markup_percent=0)

    assert (offers["1001"].min_quantity, offers["1001"].max_quantity) == (1, (2**63 - 1) * 1000 // (2 * UNIT))
    assert (offers["1"].min_quantity, offers["1"].max_quantity) == (1, 1)


async def test_one_provider_does_not_touch_the_services_of_another(provider: Provider) -> None:
    other = await make_provider("other")
    await catalog.sync(other, [VISITS])

    await catalog.sync(provider, [REACH])

    assert [state for _name, state, _rate in await services()] == ["on_sale", "on_sale"]


async def test_a_sync_takes_the_same_number_of_statements_for_one_service_and_for_thirty(provider: Provider) -> None:
    counts = []
    for size in (1, 30):
        with counted_statements() as statements:
            await catalog.sync(provider, [replace(REACH, external_id=f"{size}-{n}") for n in range(size)])
        counts.append(len(statements))

    assert counts[0] == counts[1]


@pytest.mark.commits
async def test_ten_thousand_services_arrive_at_once_while_readers_read(provider: Provider) -> None:
    offered = [replace(REACH, external_id=str(n), name=f"Service {n}") for n in range(10_000)]
    reader = await connect(engine().dsn)
    seen = set()

    syncing = asyncio.create_task(catalog.sync(provider, offered))
    while not syncing.done():
        # A reader that had to wait for the sync would run into this limit.
        seen.add(await asyncio.wait_for(reader.fetchval("SELECT count(*) FROM services"), 2))
        await asyncio.sleep(0.01)
    report = await syncing
    seen.add(await reader.fetchval("SELECT count(*) FROM services"))
    await reader.close()

    assert report.added == 10_000
    assert seen == {0, 10_000}
    assert await ServiceRevision.count() == 10_000
