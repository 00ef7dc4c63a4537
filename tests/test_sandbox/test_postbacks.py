import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import httpx
import pytest

from sandbox.cardlink.signatures import sign_chargeback, sign_payment, sign_refund
from sandbox.testing import DECLINED_CARD, RunningSandbox, running_sandbox
from tests.test_sandbox.conftest import Merchant


class Shop:
    """The other end: a Result URL that notes what it gets and answers what it is told to."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[int] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.answers.pop(0) if self.answers else 200)

    @property
    def received(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(request.content.decode(), keep_blank_values=True)) for request in self.requests]


@pytest.fixture(scope="module")
def module_shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
async def module_sandbox(module_shop: Shop) -> AsyncIterator[RunningSandbox]:
    transport = httpx.MockTransport(module_shop.answer)
    async with running_sandbox(shop=transport, postbacks_in_background=False, shop_url="http://shop.test") as running:
        yield running


@pytest.fixture
def shop(module_shop: Shop) -> Shop:
    module_shop.requests.clear()
    module_shop.answers.clear()
    return module_shop


async def test_postback_carries_every_documented_field_signed(
    sandbox: RunningSandbox, merchant: Merchant, shop: Shop
) -> None:
    bill_id = await merchant.open_bill("10.50", order_id="pay-1", custom="c-7")

    sandbox.pay(bill_id)
    await sandbox.deliver_postbacks()

    [request], [fields] = shop.requests, shop.received
    assert str(request.url) == "http://shop.test/payments/cardlink/notifications"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert fields == {
        "InvId": "pay-1",
        "OutSum": "10.50",
        "Commission": "0.52",
        "TrsId": bill_id,
        "Status": "SUCCESS",
        "CurrencyIn": "USD",
        "custom": "c-7",
        "AccountType": "BANK_CARD",
        "AccountNumber": "424242******4242",
        "BalanceAmount": "9.98",
        "BalanceCurrency": "USD",
        "PayerPhone": "+15555550142",
        "PayerEmail": "payer@example.net",
        "PayerName": "Pat Payer",
        "PayerComment": "Paid from my own card",
        "ErrorCode": "0",
        "ErrorMessage": "Approved",
        "SignatureValue": sign_payment("10.50", "pay-1", token=sandbox.settings.cardlink_token),
    }


async def test_payers_commission_is_part_of_the_sum(sandbox: RunningSandbox, merchant: Merchant, shop: Shop) -> None:
    bill_id = await merchant.open_bill("16.00", payer_pays_commission="1")

    sandbox.pay(bill_id)
    await sandbox.deliver_postbacks()

    assert (shop.received[0]["OutSum"], shop.received[0]["Commission"]) == ("16.80", "0.80")
    assert (await merchant.get("bill/status", id=bill_id))["amount"] == 16.0


async def test_failed_payment_is_told_with_its_reason(sandbox: RunningSandbox, merchant: Merchant, shop: Shop) -> None:
    sandbox.pay(await merchant.open_bill(), DECLINED_CARD)
    await sandbox.deliver_postbacks()

    assert (shop.received[0]["Status"], shop.received[0]["ErrorCode"]) == ("FAIL", "card_declined")


async def test_postback_is_repeated_five_times_at_growing_distances(
    sandbox: RunningSandbox, merchant: Merchant, shop: Shop
) -> None:
    shop.answers = [500, 201, 404, 302, 500, 503, 500]
    bill_id = await merchant.open_bill()
    sandbox.pay(bill_id)

    sent = [await sandbox.deliver_postbacks()]
    for wait in (10, 100, 1_000, 10_000, 100_000, 1_000_000):
        sandbox.advance(wait - 5)
        sent.append(await sandbox.deliver_postbacks())
        sandbox.advance(10)
        sent.append(await sandbox.deliver_postbacks())

    assert sent == [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
    assert [(each.attempts, each.answer, each.due_at) for each in sandbox.postbacks(bill_id)] == [(6, "503", None)]


async def test_postback_stops_at_the_first_200(sandbox: RunningSandbox, merchant: Merchant, shop: Shop) -> None:
    shop.answers = [503, 200]
    sandbox.pay(await merchant.open_bill())

    await sandbox.deliver_postbacks()
    sandbox.advance(11)
    await sandbox.deliver_postbacks()
    sandbox.advance(1_000)

    assert await sandbox.deliver_postbacks() == 0
    assert len(shop.received) == 2


async def test_no_postback_fault_keeps_quiet(sandbox: RunningSandbox, merchant: Merchant, shop: Shop) -> None:
    sandbox.set_fault("cardlink.no_postback", remaining=1)
    bill_id = await merchant.open_bill()

    sandbox.pay(bill_id)

    assert await sandbox.deliver_postbacks() == 0
    assert (await merchant.get("bill/status", id=bill_id))["status"] == "SUCCESS"


async def test_duplicate_fault_repeats_the_same_postback(
    sandbox: RunningSandbox, merchant: Merchant, shop: Shop
) -> None:
    sandbox.set_fault("cardlink.duplicate_postbacks", remaining=1, times=4)
    sandbox.pay(await merchant.open_bill())

    await sandbox.deliver_postbacks()

    assert len(shop.received) == 4
    assert len({request.content for request in shop.requests}) == 1


async def test_late_fault_delays_the_postback(sandbox: RunningSandbox, merchant: Merchant, shop: Shop) -> None:
    sandbox.set_fault("cardlink.late_postback", remaining=1, seconds=30)
    sandbox.pay(await merchant.open_bill())

    early = await sandbox.deliver_postbacks()
    sandbox.advance(31)

    assert (early, await sandbox.deliver_postbacks()) == (0, 1)


async def test_refund_and_chargeback_are_told_with_their_own_signatures(
    sandbox: RunningSandbox, merchant: Merchant, shop: Shop
) -> None:
    token = sandbox.settings.cardlink_token
    bill_id = await merchant.open_bill("10.00")
    payment = sandbox.pay(bill_id)
    assert payment

    sandbox.refund(payment.id, "4.00")
    sandbox.charge_back(payment.id)
    await sandbox.deliver_postbacks()

    refund, chargeback = shop.received[1:]
    common = {"Status": "SUCCESS", "InvId": "pay-1", "BillId": bill_id, "PaymentId": payment.id}
    assert refund == common | {
        "Id": refund["Id"],
        "Amount": "4.00",
        "Currency": "USD",
        "SignatureValue": sign_refund("4.00", "USD", bill_id, payment.id, refund["Id"], token=token),
    }
    assert chargeback == common | {
        "Id": chargeback["Id"],
        "SignatureValue": sign_chargeback(bill_id, payment.id, chargeback["Id"], token=token),
    }


async def test_forged_postback_has_the_signature_of_the_fail_return(
    sandbox: RunningSandbox, merchant: Merchant, shop: Shop, client: httpx.AsyncClient
) -> None:
    bill_id = await merchant.open_bill("10.50")
    sandbox.pay(bill_id, DECLINED_CARD)
    failed = sandbox.postbacks(bill_id)[0].fields

    answer = (await client.post("/cardlink/forge.json", json={"bill_id": bill_id})).json()

    [forged] = shop.received
    assert answer["answer"] == "200"
    assert (forged["Status"], forged["SignatureValue"]) == ("SUCCESS", failed["SignatureValue"])
    assert (await merchant.get("bill/status", id=bill_id))["status"] == "FAIL"


async def test_postbacks_travel_in_the_background() -> None:
    shop, arrived = Shop(), asyncio.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.set()
        return shop.answer(request)

    async with running_sandbox(shop=httpx.MockTransport(answer)) as busy, httpx.AsyncClient(trust_env=False) as client:
        busy.pay(await Merchant(busy, client).open_bill())
        await asyncio.wait_for(arrived.wait(), 3)

    assert shop.received[0]["Status"] == "SUCCESS"


async def test_postbacks_travel_over_the_network_and_note_the_answer(
    sandbox: RunningSandbox, client: httpx.AsyncClient
) -> None:
    # The other sandbox stands for a shop that knows no such page.
    async with running_sandbox(shop_url=sandbox.url, postbacks_in_background=False) as processor:
        bill_id = await Merchant(processor, client).open_bill()
        processor.pay(bill_id)
        await processor.deliver_postbacks()
        answers = [postback.answer for postback in processor.postbacks(bill_id)]

    assert answers == ["404"]


async def test_postback_to_a_shop_that_is_down_is_tried_again(client: httpx.AsyncClient) -> None:
    async with running_sandbox(shop_url="http://127.0.0.1:9", postbacks_in_background=False) as sandbox:
        bill_id = await Merchant(sandbox, client).open_bill()
        sandbox.pay(bill_id)
        await sandbox.deliver_postbacks()
        [postback] = sandbox.postbacks(bill_id)

    assert (postback.answer, postback.attempts, postback.due_at is None) == ("ConnectError", 1, False)
