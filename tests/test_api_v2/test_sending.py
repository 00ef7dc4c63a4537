"""The provider's gateway against a provider on a real socket, with its faults switched on."""

import socket
from typing import Any

import pytest

from domain.dispatch.providers import (
    Accepted,
    NotSent,
    Provider,
    Reason,
    Rejected,
    UnknownOutcome,
)
from gateways.api_v2 import ApiV2
from gateways.api_v2.answers import read_added
from models.catalog import ServiceType
from sandbox.testing import RunningSandbox
from tests.test_api_v2.requests import KEY, request


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
