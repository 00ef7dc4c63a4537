"""The gateway's contract with cardlink.link, over HTTP against the sandbox that speaks it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.clock import now
from domain.money import UNIT
from domain.payments.processors import (
    CredentialRefused,
    Intent,
    Processor,
    ProcessorDown,
    ProcessorError,
    ProcessorRefused,
    Truth,
    TruthState,
)
from gateways import close_processors, open_processors
from gateways.cardlink import Cardlink
from sandbox.testing import DECLINED_CARD, RunningSandbox, running_sandbox

ASKS_3DS = "4000 0000 0000 3220"


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(postbacks_in_background=False, hang=5) as sandbox:
        yield sandbox


@pytest.fixture
async def cardlink(sandbox: RunningSandbox) -> AsyncIterator[Cardlink]:
    gateway = make_gateway(sandbox)
    yield gateway
    await gateway.aclose()


def make_gateway(sandbox: RunningSandbox, **changes: Any) -> Cardlink:
    settings = sandbox.settings
    values: dict[str, Any] = {
        "token": settings.cardlink_token,
        "shop_id": settings.cardlink_shop,
        "timeout": httpx.Timeout(1),
    }
    return Cardlink(sandbox.cardlink_url, **values | changes)


def answering(content: bytes, *, status: int = 200) -> Cardlink:
    """A gateway whose processor says only this."""
    answers = httpx.MockTransport(lambda _request: httpx.Response(status, content=content))
    return Cardlink("https://processor.test/api/v1", token="72|t", shop_id="s", transport=answers)


def make_intent(code: str = "PAYMENT1", **changes: Any) -> Intent:
    values: dict[str, Any] = {
        "code": code,
        "amount": 25 * UNIT + UNIT // 2,
        "currency": "USD",
        "description": "Payment PAYMENT1",
        "return_url": f"http://127.0.0.1:8000/payments/{code}",
        "created_at": now(),
        "lifetime": timedelta(minutes=60),
    }
    return Intent(**values | changes)


async def test_start_opens_a_bill_of_exactly_what_is_to_be_paid(sandbox: RunningSandbox, cardlink: Cardlink) -> None:
    page = await cardlink.start(make_intent())

    [bill] = sandbox.bills()
    assert page.reference == bill.id
    assert page.url == f"{sandbox.url}/cardlink/pay/{bill.id}"
    assert (bill.order_id, str(bill.amount), bill.currency, bill.kind) == ("PAYMENT1", "25.50", "USD", "normal")
    assert bill.ttl == 3600
    assert bill.success_url == "http://127.0.0.1:8000/payments/PAYMENT1/return"
    assert bill.fail_url == "http://127.0.0.1:8000/payments/PAYMENT1/failure"


async def test_start_is_refused_where_the_processor_finds_fault_and_says_with_what(cardlink: Cardlink) -> None:
    with pytest.raises(ProcessorRefused, match="currency_in"):
        await cardlink.start(make_intent(currency="JPY"))


async def test_bill_whose_answer_was_lost_is_found_instead_of_made_again(
    sandbox: RunningSandbox, cardlink: Cardlink
) -> None:
    sandbox.set_fault("cardlink.create_timeout", remaining=1)
    intent = make_intent()
    with pytest.raises(ProcessorDown):
        await cardlink.start(intent)

    page = await cardlink.find(intent.code, created_at=intent.created_at)

    [bill] = sandbox.bills()
    assert page is not None
    assert page.reference == bill.id
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as payer:
        assert str((await payer.get(page.url)).url) == f"{sandbox.url}/cardlink/pay/{bill.id}"


async def test_bill_that_was_never_made_is_not_found(sandbox: RunningSandbox, cardlink: Cardlink) -> None:
    sandbox.set_fault("cardlink.create_timeout_before", remaining=1)
    intent = make_intent()
    with pytest.raises(ProcessorDown):
        await cardlink.start(intent)

    assert await cardlink.find(intent.code, created_at=intent.created_at) is None


async def test_bill_is_found_on_a_later_page_of_the_search(cardlink: Cardlink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.cardlink.PAGE_SIZE", 2)
    pages = [await cardlink.start(make_intent(f"PAYMENT{number}")) for number in range(5)]

    for number, page in enumerate(pages):
        found = await cardlink.find(f"PAYMENT{number}", created_at=now())
        assert found is not None
        assert found.reference == page.reference


async def test_search_without_end_is_no_answer(cardlink: Cardlink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.cardlink.PAGE_SIZE", 1)
    monkeypatch.setattr("gateways.cardlink.MOST_PAGES", 2)
    for number in range(3):
        await cardlink.start(make_intent(f"PAYMENT{number}"))

    with pytest.raises(ProcessorDown, match="no end"):
        await cardlink.find("ELSEWHERE", created_at=now())


@pytest.mark.parametrize(
    ("card", "state"),
    [
        (None, TruthState.OPEN),
        ("4242 4242 4242 4242", TruthState.PAID),
        (DECLINED_CARD, TruthState.FAILED),
        (ASKS_3DS, TruthState.PROCESSING),
    ],
)
async def test_truth_is_what_became_of_the_bill(
    sandbox: RunningSandbox, cardlink: Cardlink, card: str | None, state: TruthState
) -> None:
    page = await cardlink.start(make_intent())
    if card is not None:
        sandbox.pay(page.reference, card)

    assert await cardlink.find_truth(page.reference) == Truth(
        state=state, reference=page.reference, code="PAYMENT1", amount=25 * UNIT + UNIT // 2, currency="USD"
    )


@pytest.mark.parametrize(
    ("fault", "state"),
    [("cardlink.underpaid", TruthState.UNDERPAID), ("cardlink.overpaid", TruthState.OVERPAID)],
)
async def test_truth_says_when_another_sum_was_paid_and_which(
    sandbox: RunningSandbox, cardlink: Cardlink, fault: str, state: TruthState
) -> None:
    page = await cardlink.start(make_intent())
    sandbox.set_fault(fault, remaining=1, amount="20.25")
    payment = sandbox.pay(page.reference)

    truth = await cardlink.find_truth(page.reference)
    assert (truth.state, truth.amount, truth.arrived) == (state, 25 * UNIT + UNIT // 2, 20 * UNIT + UNIT // 4)

    assert payment is not None
    sandbox.refund(payment.id, "0.25")
    assert (await cardlink.find_truth(page.reference)).arrived == 20 * UNIT


@pytest.mark.parametrize("how", ["refund", "part", "chargeback"])
async def test_truth_says_when_the_money_was_taken_back(sandbox: RunningSandbox, cardlink: Cardlink, how: str) -> None:
    page = await cardlink.start(make_intent())
    payment = sandbox.pay(page.reference)
    assert payment is not None
    if how == "chargeback":
        sandbox.charge_back(payment.id)
    else:
        sandbox.refund(payment.id, "1.00" if how == "part" else None)

    assert (await cardlink.find_truth(page.reference)).state == TruthState.REVERSED


async def test_truth_reports_what_the_processor_says_and_not_what_was_asked(
    sandbox: RunningSandbox, cardlink: Cardlink
) -> None:
    page = await cardlink.start(make_intent())
    sandbox.set_fault("cardlink.wrong_amount", remaining=1, amount="1000000.99")
    sandbox.set_fault("cardlink.wrong_currency", remaining=1, currency="RUB")
    sandbox.set_fault("cardlink.wrong_order_id", remaining=1, order_id="OTHER")

    truth = await cardlink.find_truth(page.reference)

    assert (truth.amount, truth.currency, truth.code) == (100000099 * UNIT // 100, "RUB", "OTHER")


async def test_refused_token_is_an_alarm_and_not_a_refused_payment(sandbox: RunningSandbox) -> None:
    gateway = make_gateway(sandbox, token="72|another")

    with pytest.raises(CredentialRefused) as caught:
        await gateway.start(make_intent())

    await gateway.aclose()
    assert isinstance(caught.value, ProcessorDown)
    assert "another" not in str(caught.value)


@pytest.mark.parametrize("fault", ["cardlink.error_page", "cardlink.unauthorized"])
async def test_page_instead_of_an_answer_means_ask_again_later(
    sandbox: RunningSandbox, cardlink: Cardlink, fault: str
) -> None:
    page = await cardlink.start(make_intent())
    sandbox.set_fault(fault, remaining=1)

    with pytest.raises(ProcessorDown):
        await cardlink.find_truth(page.reference)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"id": "B1", "status": "NEW", "amount": "a lot", "currency_in": "USD"}'),
        (200, b'{"id": "B1", "status": "NEW", "amount": -5, "currency_in": "USD"}'),
        (200, b'{"id": "B1", "status": "SOMETHING", "amount": 5, "currency_in": "USD"}'),
        (302, b""),
        (404, b'{"message": "Not found."}'),
        (429, b""),
    ],
)
async def test_answer_outside_the_protocol_is_no_answer(status: int, content: bytes) -> None:
    with pytest.raises(ProcessorDown):
        await answering(content, status=status).find_truth("B1")


async def test_amounts_are_read_exactly_and_never_as_floats(
    cardlink: Cardlink, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b'{"id": "B1", "order_id": "P1", "status": "NEW", "amount": 90071992547.40993, "currency_in": "USD"}'
    answers = httpx.MockTransport(lambda _request: httpx.Response(200, content=content))
    monkeypatch.setattr(cardlink, "_client", httpx.AsyncClient(transport=answers, base_url="http://processor.test"))

    assert (await cardlink.find_truth("B1")).amount == 9007199254740993000


async def test_closed_port_is_a_processor_that_is_down() -> None:
    gateway = Cardlink("http://127.0.0.1:9/api/v1", token="72|t", shop_id="s")

    with pytest.raises(ProcessorDown) as caught:
        await gateway.start(make_intent())

    await gateway.aclose()
    assert isinstance(caught.value, ProcessorError)
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://processor.test/pay/B1", "/pay/B1", ""])
async def test_payer_is_never_sent_to_a_page_without_encryption(url: str) -> None:
    content = json.dumps({"success": "true", "link_page_url": url, "bill_id": "B1"}).encode()

    with pytest.raises(ProcessorDown):
        await answering(content).start(make_intent())


async def test_processors_are_opened_by_their_keys() -> None:
    processors = open_processors(cardlink_url="http://127.0.0.1:9/api/v1", cardlink_token="72|t", cardlink_shop_id="s")

    await close_processors(processors)

    assert list(processors) == ["cardlink"]
    assert all(isinstance(processor, Processor) for processor in processors.values())
