import json
from decimal import Decimal

import httpx
import pytest

from sandbox.testing import DECLINED_CARD, RunningSandbox, running_sandbox
from tests.test_sandbox.conftest import Merchant


async def test_create_answers_success_as_text_and_the_page_to_redirect_to(
    sandbox: RunningSandbox, merchant: Merchant
) -> None:
    fields = {"amount": "10.50", "shop_id": sandbox.settings.cardlink_shop, "currency_in": "USD", "order_id": "pay-1"}

    answer = (await merchant.post("bill/create", **fields)).json()

    bill_id = sandbox.bill_of("pay-1").id
    assert answer == {
        "success": "true",
        "link_url": f"{sandbox.url}/cardlink/link/{bill_id}",
        "link_page_url": f"{sandbox.url}/cardlink/pay/{bill_id}",
        "bill_id": bill_id,
    }


async def test_payment_page_can_live_on_another_host(client: httpx.AsyncClient) -> None:
    async with running_sandbox(pay_host="localhost") as sandbox:
        merchant = Merchant(sandbox, client)
        fields = {"amount": "1.00", "shop_id": sandbox.settings.cardlink_shop, "currency_in": "USD"}
        page = (await merchant.post("bill/create", **fields)).json()["link_page_url"]

    assert page.startswith(sandbox.url.replace("127.0.0.1", "localhost") + "/cardlink/pay/")


async def test_create_takes_json_urlencoded_and_multipart(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient
) -> None:
    fields = {"amount": "10.50", "shop_id": sandbox.settings.cardlink_shop, "currency_in": "EUR"}
    url = f"{sandbox.cardlink_url}/bill/create"

    await client.post(url, json={**fields, "order_id": "json", "ttl": 60}, headers=merchant.headers)
    await client.post(url, data={**fields, "order_id": "form"}, headers=merchant.headers)
    parts = {name: (None, value) for name, value in {**fields, "order_id": "parts"}.items()}
    await client.post(url, files=parts, headers=merchant.headers)

    assert [(bill.order_id, bill.amount, bill.currency) for bill in sandbox.bills()] == [
        ("json", Decimal("10.50"), "EUR"),
        ("form", Decimal("10.50"), "EUR"),
        ("parts", Decimal("10.50"), "EUR"),
    ]


async def test_create_twice_for_one_order_makes_two_bills(sandbox: RunningSandbox, merchant: Merchant) -> None:
    first, second = await merchant.open_bill(order_id="same"), await merchant.open_bill(order_id="same")

    assert first != second


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"shop_id": "other"}, "shop_id"),
        ({"currency_in": "GBP"}, "currency_in"),
        ({"type": "odd"}, "type"),
        ({"success_url": "https://elsewhere.example/done"}, "success_url"),
    ],
)
async def test_create_refuses_wrong_fields(
    sandbox: RunningSandbox, merchant: Merchant, changed: dict[str, str], field: str
) -> None:
    fields = {"amount": "10.50", "shop_id": sandbox.settings.cardlink_shop, "currency_in": "USD", **changed}

    answer = await merchant.post("bill/create", **fields)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert sandbox.bills() == []


async def test_wrong_token_is_unauthenticated(sandbox: RunningSandbox, merchant: Merchant) -> None:
    merchant.headers = {"Authorization": "Bearer wrong"}

    answer = await merchant.post("bill/create", amount="1.00")

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})


async def test_bill_status_gives_the_amount_as_an_exact_number(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient
) -> None:
    bill_id = await merchant.open_bill("380.55", ttl="600")

    url = f"{sandbox.cardlink_url}/bill/status"
    text = (await client.get(url, params={"id": bill_id}, headers=merchant.headers)).text

    status = json.loads(text, parse_float=Decimal)
    created = status.pop("created_at")
    assert len(created) == len("2026-01-31 12:00:00")
    assert status == {
        "id": bill_id,
        "order_id": "pay-1",
        "active": True,
        "status": "NEW",
        "amount": Decimal("380.55"),
        "type": "NORMAL",
        "currency_in": "USD",
        "ttl": 600,
        "success": True,
    }


async def test_unknown_bill_is_not_found(
    client: httpx.AsyncClient, sandbox: RunningSandbox, merchant: Merchant
) -> None:
    answer = await client.get(f"{sandbox.cardlink_url}/bill/status?id=none", headers=merchant.headers)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not found."})


async def test_bill_expires_after_its_time(sandbox: RunningSandbox, merchant: Merchant) -> None:
    bill_id = await merchant.open_bill(ttl="600")

    sandbox.advance(601)

    status = await merchant.get("bill/status", id=bill_id)
    assert (status["status"], status["active"]) == ("FAIL", False)
    assert sandbox.pay(bill_id) is None


async def test_multi_bill_never_changes_status(sandbox: RunningSandbox, merchant: Merchant) -> None:
    bill_id = await merchant.open_bill(type="multi")

    sandbox.pay(bill_id)
    sandbox.pay(bill_id)

    assert (await merchant.get("bill/status", id=bill_id))["status"] == "NEW"
    assert len((await merchant.get("bill/payments", id=bill_id))["data"]) == 2


async def test_switched_off_bill_takes_no_payment(sandbox: RunningSandbox, merchant: Merchant) -> None:
    bill_id = await merchant.open_bill()

    answer = await merchant.post("bill/toggle_activity", id=bill_id, active="0")

    assert answer.json()["active"] is False
    assert sandbox.pay(bill_id) is None


async def test_bill_payments_come_in_cursor_pages(sandbox: RunningSandbox, merchant: Merchant) -> None:
    bill_id = await merchant.open_bill()
    tried = [sandbox.pay(bill_id, DECLINED_CARD) for _ in range(2)]
    paid = sandbox.pay(bill_id)

    first = await merchant.get("bill/payments", id=bill_id, per_page=2)
    second = await merchant.get("bill/payments", id=bill_id, per_page=2, cursor=first["meta"]["next_cursor"])

    newest_first = [payment.id for payment in (paid, *reversed(tried)) if payment]
    assert [row["id"] for row in first["data"] + second["data"]] == newest_first
    assert [row["status"] for row in first["data"]] == ["SUCCESS", "FAIL"]
    assert first["links"]["next"].startswith(f"{sandbox.cardlink_url}/bill/payments?")
    assert second["links"]["next"] is None


async def test_payment_status_shows_card_and_payer_as_the_processor_does(
    sandbox: RunningSandbox, merchant: Merchant
) -> None:
    payment = sandbox.pay(await merchant.open_bill())
    assert payment

    status = await merchant.get("payment/status", id=payment.id)

    assert {name: status[name] for name in ("status", "amount", "commission", "account_amount", "from_card")} == {
        "status": "SUCCESS",
        "amount": 10.5,
        "commission": 0.52,
        "account_amount": 9.98,
        "from_card": "424242******4242",
    }
    assert {"refunds", "chargeback"}.isdisjoint(status)


async def test_search_finds_bills_and_payments_between_dates(sandbox: RunningSandbox, merchant: Merchant) -> None:
    bill_id = await merchant.open_bill()
    payment = sandbox.pay(bill_id)
    assert payment
    today = (await merchant.get("bill/status", id=bill_id))["created_at"][:10]
    shop = sandbox.settings.cardlink_shop

    bills = await merchant.get("bill/search", start_date=today, finish_date=today, shop_id=shop)
    payments = await merchant.get("payment/search", start_date=today, finish_date=today, shop_id=shop)
    none = await merchant.get("bill/search", start_date="2020-01-01", finish_date="2020-01-02", shop_id=shop)

    assert [row["id"] for row in bills["data"]] == [bill_id]
    assert [row["id"] for row in payments["data"]] == [payment.id]
    assert none["data"] == []


async def test_refunds_add_up_to_the_payment_and_no_further(sandbox: RunningSandbox, merchant: Merchant) -> None:
    payment = sandbox.pay(await merchant.open_bill("10.00"))
    assert payment

    part = (await merchant.post("refund/partial/create", payment_id=payment.id, amount="4.00")).json()
    rest = (await merchant.post("refund/full/create", payment_id=payment.id)).json()
    more = await merchant.post("refund/partial/create", payment_id=payment.id, amount="0.01")
    status = await merchant.get("payment/status", id=payment.id, refunds="true")

    assert [(each["amount"], each["entity_type"], each["entity_id"]) for each in (part, rest)] == [
        (4.0, "payment", payment.id),
        (6.0, "payment", payment.id),
    ]
    assert more.status_code == 422
    assert status["refunded_amount"] == 10.0
    assert [each["id"] for each in status["refunds"]] == [part["id"], rest["id"]]
    assert (await merchant.get("refund/status", id=part["id"]))["status"] == "SUCCESS"


async def test_chargeback_is_seen_in_the_payment_status(sandbox: RunningSandbox, merchant: Merchant) -> None:
    payment = sandbox.pay(await merchant.open_bill("10.00"))
    assert payment

    before = await merchant.get("payment/status", id=payment.id, chargeback="true")
    sandbox.charge_back(payment.id)
    after = await merchant.get("payment/status", id=payment.id, chargeback="true")

    assert before["chargeback"] is None
    assert (after["chargeback"]["amount"], after["chargeback"]["status"]) == (10.0, "SUCCESS")


async def test_merchant_balance_is_what_came_in_less_commission(sandbox: RunningSandbox, merchant: Merchant) -> None:
    sandbox.pay(await merchant.open_bill("10.00"))

    balances = {row["currency"]: row for row in (await merchant.get("merchant/balance"))["balances"]}

    assert balances["USD"]["balance_available"] == 9.5
    assert balances["EUR"]["balance_available"] == 0
