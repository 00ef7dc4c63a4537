import re
from collections import Counter
from decimal import Decimal

import httpx

from sandbox.provider import catalogue
from sandbox.testing import running_sandbox
from tests.test_sandbox.conftest import Reseller


async def test_services_lists_1200_services_in_40_categories_on_8_platforms(reseller: Reseller) -> None:
    listed = await reseller.ask("services")

    categories = {row["category"] for row in listed}
    assert (len(listed), len(categories), len({name.split()[0] for name in categories})) == (1200, 40, 8)


async def test_services_have_the_types_of_the_protocol(reseller: Reseller) -> None:
    first = (await reseller.ask("services"))[0]

    assert {name: type(value) for name, value in first.items()} == {
        "service": int,
        "name": str,
        "type": str,
        "category": str,
        "rate": str,
        "min": str,
        "max": str,
        "refill": bool,
        "cancel": bool,
        "dripfeed": bool,
        "average_time": str,
        "description": str,
    }


async def test_services_rates_are_plain_decimals_with_2_to_7_places(reseller: Reseller) -> None:
    rates = [row["rate"] for row in await reseller.ask("services")]

    places = Counter(len(rate.partition(".")[2]) for rate in rates)
    assert all(re.fullmatch(r"\d+\.\d{2,7}", rate) for rate in rates)
    assert min(places) == 2
    assert max(places) == 7


def test_catalogue_is_the_same_every_time() -> None:
    first = catalogue.services()
    catalogue.services.cache_clear()

    assert catalogue.services() == first
    assert first[1001].rate == Decimal("2.63")


def test_catalogue_sells_no_fake_engagement() -> None:
    words = re.compile(r"\b(followers?|likes?|subscribers?|fans|bots?)\b", re.IGNORECASE)

    assert [service.name for service in catalogue.services().values() if words.search(service.name)] == []


def test_catalogue_limits_are_in_order() -> None:
    assert all(1 <= service.minimum <= service.maximum for service in catalogue.services().values())


async def test_catalogue_can_be_as_large_as_a_large_panel() -> None:
    async with running_sandbox(services_per_category=250) as large, httpx.AsyncClient(trust_env=False) as client:
        listed = await Reseller(large, client).ask("services")

    assert (len(listed), len({row["name"] for row in listed})) == (10_000, 10_000)


async def test_empty_and_broken_catalogues_are_answered_when_switched_on(reseller: Reseller) -> None:
    sandbox = reseller.sandbox
    sandbox.set_fault("provider.empty_catalogue", remaining=1)
    empty = await reseller.ask("services")
    sandbox.set_fault("provider.empty_data_catalogue", remaining=1)
    empty_data = await reseller.ask("services")
    sandbox.set_fault("provider.broken_catalogue", remaining=1)
    broken = await reseller.ask("services")
    sandbox.set_fault("provider.wrapped_catalogue", remaining=1)
    wrapped = await reseller.ask("services")

    assert empty == []
    assert empty_data == {"status": "success", "data": "Empty Data"}
    assert [type(row) for row in broken] == [dict, dict, dict, str, dict]
    assert wrapped["count"] == len(wrapped["services"]) == 1200
    assert len(await reseller.ask("services")) == 1200


async def test_price_jump_changes_the_list_and_the_charge(reseller: Reseller) -> None:
    reseller.sandbox.set_fault("provider.price_jump", factor="2", services="1001")

    rates = {row["service"]: row["rate"] for row in await reseller.ask("services")}
    order = await reseller.add(quantity=1000)

    assert rates[1001] == "5.26"
    assert Decimal(rates[1002]) == catalogue.services()[1002].rate
    assert (await reseller.ask("status", order=order))["charge"] == "5.26000"


async def test_vanished_services_are_missing_from_the_list(reseller: Reseller) -> None:
    reseller.sandbox.set_fault("provider.vanished_services", services="1001, 1003")

    numbers = [row["service"] for row in await reseller.ask("services")]

    assert numbers[:2] == [1002, 1004]
