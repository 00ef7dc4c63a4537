import re

import httpx
import pytest

from sandbox.testing import RunningSandbox
from tests.test_sandbox.conftest import Merchant

PAID, DECLINED, ASKS, EXPIRED = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 3220", "4000000000000069"


async def type_card(client: httpx.AsyncClient, bill_id: str, number: str) -> httpx.Response:
    form = {"number": number, "expiry": "12/34", "code": "123", "name": "Kim Kunde"}
    return await client.post(f"/cardlink/pay/{bill_id}", data=form)


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def return_url(page: str) -> str:
    found = re.search(r'<form id="return" method="post" action="([^"]+)"', page)
    assert found
    return found.group(1)


async def test_form_names_the_amount_and_lists_the_test_cards(merchant: Merchant, client: httpx.AsyncClient) -> None:
    bill_id = await merchant.open_bill("10.50", description="Top-up pay-1")

    page = (await client.get(f"/cardlink/pay/{bill_id}")).text

    assert "Pay 10.50 USD</button>" in page
    assert "Top-up pay-1" in page
    assert re.findall(r"<code>([\d ]+)</code>", page) == [
        "4242 4242 4242 4242",
        "4000 0000 0000 0002",
        "4000 0000 0000 3220",
        "4000 0000 0000 0069",
    ]
    assert "<script" not in page


async def test_good_card_pays_and_returns_by_the_success_url(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient
) -> None:
    success = f"{sandbox.settings.shop_url}/back"
    bill_id = await merchant.open_bill(success_url=success, custom="c-7")

    answer = await type_card(client, bill_id, PAID)
    page = (await client.get(answer.headers["location"])).text

    assert answer.status_code == 303
    assert (await merchant.get("bill/status", id=bill_id))["status"] == "SUCCESS"
    assert return_url(page) == success
    postback = sandbox.postbacks(bill_id)[0].fields
    assert hidden_fields(page) == {
        "InvId": "pay-1",
        "OutSum": "10.50",
        "SignatureValue": postback["SignatureValue"],
        "CurrencyIn": "USD",
        "custom": "c-7",
    }


@pytest.mark.parametrize(
    ("number", "reason"), [(DECLINED, "The bank declined the card"), (EXPIRED, "The card has expired")]
)
async def test_bad_card_fails_and_returns_by_the_fail_url(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient, number: str, reason: str
) -> None:
    bill_id = await merchant.open_bill(fail_url=f"{sandbox.settings.shop_url}/failed")

    page = (await client.get((await type_card(client, bill_id, number)).headers["location"])).text

    assert reason in page
    assert return_url(page) == f"{sandbox.settings.shop_url}/failed"
    assert (await merchant.get("bill/status", id=bill_id))["status"] == "FAIL"


async def test_declined_payer_may_try_another_card(
    merchant: Merchant, client: httpx.AsyncClient, sandbox: RunningSandbox
) -> None:
    bill_id = await merchant.open_bill()

    await type_card(client, bill_id, DECLINED)
    await type_card(client, bill_id, PAID)

    assert (await merchant.get("bill/status", id=bill_id))["status"] == "SUCCESS"
    assert [postback.fields["Status"] for postback in sandbox.postbacks(bill_id)] == ["FAIL", "SUCCESS"]


@pytest.mark.parametrize(("verdict", "status"), [("approve", "SUCCESS"), ("refuse", "FAIL")])
async def test_careful_card_asks_for_confirmation(
    merchant: Merchant, client: httpx.AsyncClient, verdict: str, status: str
) -> None:
    bill_id = await merchant.open_bill()

    step = (await type_card(client, bill_id, ASKS)).headers["location"]
    waiting = (await merchant.get("bill/status", id=bill_id))["status"]
    await client.post(step, data={"verdict": verdict})

    assert waiting == "PROCESS"
    assert (await merchant.get("bill/status", id=bill_id))["status"] == status


async def test_payer_who_comes_back_during_confirmation_is_asked_again(
    merchant: Merchant, client: httpx.AsyncClient
) -> None:
    bill_id = await merchant.open_bill()
    await type_card(client, bill_id, ASKS)

    page = (await client.get(f"/cardlink/pay/{bill_id}", follow_redirects=True)).text

    assert "Approve the payment" in page


async def test_second_click_pays_once(sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient) -> None:
    bill_id = await merchant.open_bill()

    first, second = await type_card(client, bill_id, PAID), await type_card(client, bill_id, PAID)

    assert first.headers["location"] == second.headers["location"]
    assert len((await merchant.get("bill/payments", id=bill_id))["data"]) == 1
    assert len(sandbox.postbacks(bill_id)) == 1


async def test_unknown_card_is_refused_and_not_repeated_in_the_page(
    merchant: Merchant, client: httpx.AsyncClient
) -> None:
    bill_id = await merchant.open_bill()

    answer = await type_card(client, bill_id, "5555 5555 5555 4444")

    assert answer.status_code == 422
    assert "This page takes test cards only." in answer.text
    assert "5555" not in answer.text
    assert 'value="Kim Kunde"' in answer.text


async def test_expired_bill_ends_without_a_postback(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient
) -> None:
    bill_id = await merchant.open_bill()

    answer = await client.post(f"/cardlink/pay/{bill_id}/expiry", follow_redirects=True)

    status = await merchant.get("bill/status", id=bill_id)
    assert "The bill has expired or was switched off." in answer.text
    assert (status["status"], status["active"]) == ("FAIL", False)
    assert sandbox.postbacks(bill_id) == []


async def test_result_page_of_an_open_bill_leads_to_the_form(merchant: Merchant, client: httpx.AsyncClient) -> None:
    bill_id = await merchant.open_bill()

    answer = await client.get(f"/cardlink/pay/{bill_id}/result")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cardlink/pay/{bill_id}")


async def test_unknown_bill_is_a_page_that_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/cardlink/pay/none")

    assert (answer.status_code, "There is no such bill." in answer.text) == (404, True)
