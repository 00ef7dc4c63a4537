"""The provider's gateway against a provider on a real socket, with its faults switched on."""

import socket
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from domain.dispatch.providers import (
    Accepted,
    NotSent,
    OrderRequest,
    Provider,
    ProviderDown,
    Reason,
    Rejected,
    ReportedState,
    StatusError,
    StatusReport,
    UnknownOutcome,
)
from domain.money import UNIT
from gateways.api_v2 import ApiV2
from gateways.api_v2.answers import read_added
from models.catalog import ServiceType
from sandbox.provider.catalogue import services
from sandbox.testing import RunningSandbox, running_sandbox

KEY = "sandbox-provider-key"
_number = count(1)


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


def request(kind: ServiceType = ServiceType.DEFAULT, **values: Any) -> OrderRequest:
    service = next(service for service in services().values() if service.kind == kind)
    defaults: dict[str, Any] = {
        "external_service_id": str(service.id),
        "type": kind,
        "link": f"https://example.com/{next(_number)}",
        "quantity": service.minimum,
    }
    return OrderRequest(**defaults | values)


async def test_gateway_is_a_provider(provider: ApiV2) -> None:
    assert isinstance(provider, Provider)


# Orders


@pytest.mark.parametrize(
    ("kind", "fields", "sent"),
    [
        (ServiceType.DEFAULT, {}, {"link", "quantity"}),
        (ServiceType.PACKAGE, {}, {"link"}),
        (ServiceType.CUSTOM_COMMENTS, {"comments": "\n".join(["Well made"] * 100)}, {"link", "comments"}),
        (
            ServiceType.WEB_TRAFFIC,
            {"country": "US", "device": "5", "type_of_traffic": "2", "referring_url": "https://blog.example"},
            {"link", "quantity", "country", "device", "type_of_traffic", "referring_url"},
        ),
    ],
)
async def test_add_sends_the_fields_of_its_type_and_no_others(
    sandbox: RunningSandbox, provider: ApiV2, kind: ServiceType, fields: dict[str, str], sent: set[str]
) -> None:
    accepted = await provider.add_order(request(kind, fields={**fields, "key": "stolen", "action": "balance"}))

    assert accepted == Accepted(sandbox.orders()[-1].public_id)
    assert sandbox.adds()[-1].keys() == {"service", *sent}


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("provider.order_id_name", {"key": "order_id"}),
        ("provider.order_id_name", {"key": "orderId"}),
        ("provider.order_id_name", {"key": "id"}),
        ("provider.order_id_name", {"key": "data.order"}),
        ("provider.extra_keys", {}),
        ("provider.text_order_ids", {}),
        ("provider.byte_order_mark", {"action": "add"}),
    ],
)
async def test_add_finds_the_id_in_every_dialect(
    sandbox: RunningSandbox, provider: ApiV2, fault: str, options: dict[str, str]
) -> None:
    sandbox.set_fault(fault, remaining=1, **options)

    accepted = await provider.add_order(request())

    assert accepted == Accepted(sandbox.orders()[-1].public_id)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("provider.invalid_key", Reason.PROVIDER),
        ("provider.suspended", Reason.PROVIDER),
        ("provider.not_enough_funds", Reason.PROVIDER),
        ("provider.incorrect_service", Reason.SERVICE),
        ("provider.bad_link", Reason.ORDER),
        ("provider.active_order", Reason.ACTIVE_LINK),
    ],
)
async def test_add_refused_says_why(sandbox: RunningSandbox, provider: ApiV2, fault: str, reason: Reason) -> None:
    sandbox.set_fault(fault, remaining=1)

    with pytest.raises(Rejected) as refused:
        await provider.add_order(request())

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("sentence", "http_status", "reason"),
    [
        ("Quantity less than minimal 100", 200, Reason.SERVICE),
        ("quantity more than maximum 5", 400, Reason.SERVICE),
        ("Too many requests", 429, Reason.PROVIDER),
        ("neworder.error.link_duplicate", 200, Reason.ACTIVE_LINK),
        ("neworder.error.link", 422, Reason.ORDER),
        ("neworder.error.min_quantity", 200, Reason.SERVICE),
        ("neworder.error.not_enough_funds", 402, Reason.PROVIDER),
        ("Disabled service ID", 404, Reason.SERVICE),
        ("Die Seite ist privat", 200, Reason.ORDER),
    ],
)
async def test_add_understands_sentences_at_any_status(
    sandbox: RunningSandbox, provider: ApiV2, sentence: str, http_status: int, reason: Reason
) -> None:
    sandbox.set_fault("provider.error", remaining=1, sentence=sentence, http_status=http_status)

    with pytest.raises(Rejected) as refused:
        await provider.add_order(request())

    assert (refused.value.sentence, refused.value.reason) == (sentence, reason)


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("provider.timeout_before", {}),
        ("provider.timeout_after", {}),
        ("provider.reset_before", {}),
        ("provider.reset_after", {}),
        ("provider.error_page_before", {}),
        ("provider.error_page_after", {}),
        ("provider.html", {}),
        ("provider.empty_body", {}),
        ("provider.truncated_json", {}),
        ("provider.no_order_id", {}),
        ("provider.slow", {"seconds": 2}),
        ("provider.error", {"sentence": "Bad link", "http_status": 503}),
        ("provider.error", {"sentence": "Internal error, request timed out"}),
    ],
)
async def test_add_without_a_clear_answer_is_unknown_and_sent_once(
    sandbox: RunningSandbox, provider: ApiV2, fault: str, options: dict[str, Any]
) -> None:
    before = len(sandbox.adds())
    sandbox.set_fault(fault, remaining=1, **options)

    with pytest.raises(UnknownOutcome) as unknown:
        await provider.add_order(request())

    assert len(sandbox.adds()) == before + 1
    assert KEY not in str(unknown.value)


@pytest.mark.parametrize("status", [200, 500])
def test_add_answered_with_an_id_and_an_error_is_unknown_and_keeps_the_id(status: int) -> None:
    with pytest.raises(UnknownOutcome) as unknown:
        read_added(status, {"data": {"order": "64f1c"}, "error": "Bad link"})

    assert unknown.value.external_id == "64f1c"


async def test_add_to_nobody_is_not_sent() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        closed = unheard.getsockname()[1]
    for url in (f"http://127.0.0.1:{closed}/api/v2", "http://no-such-host.invalid/api/v2", "ftp://127.0.0.1/api/v2"):
        provider = ApiV2(url, api_key=KEY)
        with pytest.raises(NotSent):
            await provider.add_order(request())
        await provider.aclose()


async def test_add_over_broken_tls_is_not_sent(sandbox: RunningSandbox) -> None:
    provider = ApiV2(sandbox.provider_url.replace("http://", "https://"), api_key=KEY)

    with pytest.raises(NotSent):
        await provider.add_order(request())
    await provider.aclose()


async def test_add_follows_no_redirect(sandbox: RunningSandbox) -> None:
    before = len(sandbox.adds())
    provider = ApiV2(f"{sandbox.url}/", api_key=KEY)

    with pytest.raises(UnknownOutcome):
        await provider.add_order(request())

    assert len(sandbox.adds()) == before
    await provider.aclose()


# Statuses


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
