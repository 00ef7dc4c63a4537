"""What a provider answers to questions, read over HTTP in every dialect that the sandbox speaks."""

from typing import Any

import pytest

from domain.dispatch.providers import (
    ProviderDown,
    ReportedState,
    StatusError,
    StatusReport,
)
from domain.money import UNIT
from gateways.api_v2 import ApiV2
from sandbox.provider.catalogue import services
from sandbox.testing import RunningSandbox
from tests.test_api_v2.requests import KEY, request


async def add(provider: ApiV2, number: int) -> list[str]:
    return [(await provider.add_order(request())).external_id for _order in range(number)]


@pytest.mark.parametrize("fault", ["", "provider.multi_status_list", "provider.batch_fails", "provider.extra_keys"])
async def test_statuses_are_matched_by_id_in_every_shape(sandbox: RunningSandbox, provider: ApiV2, fault: str) -> None:
    first, second, third = await add(provider, 3)
    sandbox.end_order(first)
    sandbox.end_order(third, "partial", remains="40")
    if fault:
        sandbox.set_fault(fault)

    reports = await provider.list_statuses([first, second, third])

    assert {number: report.state for number, report in reports.items() if isinstance(report, StatusReport)} == {
        first: ReportedState.COMPLETED,
        second: ReportedState.PENDING,
        third: ReportedState.PARTIAL,
    }
    assert getattr(reports[third], "remains", None) == 40


@pytest.mark.parametrize("fault", ["", "provider.bare_string_errors"])
async def test_statuses_tell_an_unknown_order_from_the_others(
    sandbox: RunningSandbox, provider: ApiV2, fault: str
) -> None:
    (known,) = await add(provider, 1)
    if fault:
        sandbox.set_fault(fault)

    reports = await provider.list_statuses([known, "9999999"])

    assert isinstance(reports[known], StatusReport)
    assert reports["9999999"] == StatusError("Incorrect order ID")


async def test_statuses_of_one_order_come_wrapped_or_as_an_error(sandbox: RunningSandbox, provider: ApiV2) -> None:
    (known,) = await add(provider, 1)
    sandbox.set_fault("provider.single_status_keyed", remaining=1)

    assert isinstance((await provider.list_statuses([known]))[known], StatusReport)
    assert await provider.list_statuses(["9999999"]) == {"9999999": StatusError("Incorrect order ID")}


@pytest.mark.parametrize(
    ("fault", "options", "expected"),
    [
        ("provider.null_start_count", {}, {"start_count": None}),
        ("provider.unknown_remains", {}, {"remains": None}),
        ("provider.negative_remains", {}, {"remains": -12}),
        ("provider.odd_words", {"word": "IN_PROGRESS"}, {"state": ReportedState.IN_PROGRESS}),
        ("provider.odd_words", {"word": "canelled"}, {"state": ReportedState.CANCELED}),
        ("provider.odd_words", {"word": "Awaiting"}, {"state": ReportedState.PENDING}),
        ("provider.odd_words", {"word": "Refunded"}, {"state": None, "word": "Refunded"}),
        ("provider.odd_words", {"word": "2"}, {"state": None, "word": "2"}),
    ],
)
async def test_statuses_are_read_with_their_oddities(
    sandbox: RunningSandbox, provider: ApiV2, fault: str, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    (known,) = await add(provider, 1)
    sandbox.set_fault(fault, **options)

    report = (await provider.list_statuses([known]))[known]

    assert {name: getattr(report, name) for name in expected} == expected


async def test_statuses_use_the_words_of_one_provider(sandbox: RunningSandbox) -> None:
    provider = ApiV2(sandbox.provider_url, api_key=KEY, words={"2": ReportedState.COMPLETED})
    (known,) = await add(provider, 1)
    sandbox.set_fault("provider.odd_words", word="2")

    report = (await provider.list_statuses([known]))[known]

    assert isinstance(report, StatusReport)
    assert report.state == ReportedState.COMPLETED
    await provider.aclose()


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("provider.invalid_key", {}),
        ("provider.html", {}),
        ("provider.error_page_before", {}),
        ("provider.timeout_before", {}),
        ("provider.reset_after", {}),
        ("provider.error", {"sentence": "Too many requests", "http_status": 429}),
    ],
)
async def test_statuses_of_a_provider_in_trouble_say_nothing_of_any_order(
    sandbox: RunningSandbox, provider: ApiV2, number: int, fault: str, options: dict[str, Any]
) -> None:
    known = await add(provider, number)
    sandbox.set_fault(fault, action="status", **options)

    with pytest.raises(ProviderDown) as down:
        await provider.list_statuses(known)

    assert KEY not in str(down.value)


# Price list and balance


@pytest.mark.parametrize("fault", ["", "provider.wrapped_catalogue", "provider.byte_order_mark"])
async def test_price_list_is_read_exactly(sandbox: RunningSandbox, fault: str) -> None:
    provider = ApiV2(sandbox.provider_url, api_key=KEY)
    if fault:
        sandbox.set_fault(fault)

    offers = {offer.external_id: offer for offer in await provider.list_services()}

    assert offers.keys() == {str(number) for number in services()}
    for number, service in services().items():
        assert offers[str(number)].cost == service.rate * UNIT
        assert offers[str(number)].name == service.name
        assert (offers[str(number)].refill, offers[str(number)].max_quantity) == (service.refill, service.maximum)
    await provider.aclose()


@pytest.mark.parametrize("fault", ["provider.empty_data_catalogue", "provider.html", "provider.truncated_json"])
async def test_price_list_that_is_none_is_refused(sandbox: RunningSandbox, provider: ApiV2, fault: str) -> None:
    sandbox.set_fault(fault)

    with pytest.raises(ProviderDown):
        await provider.list_services()


async def test_price_list_leaves_out_lines_without_sense(sandbox: RunningSandbox, provider: ApiV2) -> None:
    sandbox.set_fault("provider.broken_catalogue")

    assert len(await provider.list_services()) == 1


async def test_balance_is_read_exactly(sandbox: RunningSandbox, provider: ApiV2) -> None:
    sandbox.set_provider_balance("100.84292")

    balance = await provider.find_balance()

    assert (balance.amount, balance.currency) == (10_084_292_000, "USD")
