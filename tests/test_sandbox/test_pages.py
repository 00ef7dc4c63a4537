import httpx
import pytest

from sandbox.testing import RunningSandbox
from tests.test_sandbox.conftest import LINK, Merchant, Reseller


async def test_index_shows_what_happened_last(
    client: httpx.AsyncClient, reseller: Reseller, merchant: Merchant, sandbox: RunningSandbox
) -> None:
    await reseller.add()
    await merchant.open_bill("10.50")
    sandbox.set_fault("provider.html")

    page = (await client.get("/")).text

    assert "Balance 9997.37 USD" in page
    assert "10.50 USD" in page
    assert "1 fault switched on" in page


async def test_fault_is_switched_on_and_off_by_form(client: httpx.AsyncClient, sandbox: RunningSandbox) -> None:
    name = "provider.outcome_partial"

    on = await client.post(f"/faults/{name}", data={"remains": "40", "remaining": "2"})
    switched = [(fault.name, fault.remaining, fault.options) for fault in sandbox.sandbox.world.faults.list_on()]
    await client.post(f"/faults/{name}", data={"switch": "off"})

    assert (on.status_code, on.headers["location"]) == (303, f"/faults#{name}")
    assert switched == [(name, 2, {"remains": "40"})]
    assert (await client.get("/faults.json")).json() == []


async def test_faults_are_switched_by_json(client: httpx.AsyncClient) -> None:
    body = {"name": "cardlink.late_postback", "remaining": 1, "seconds": 9}

    answer = await client.post("/faults.json", json=body)
    await client.delete("/faults.json", params={"name": "cardlink.late_postback"})

    assert answer.json() == [{"name": "cardlink.late_postback", "remaining": 1, "options": {"seconds": "9"}}]
    assert (await client.get("/faults.json")).json() == []


async def test_unknown_fault_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/faults.json", json={"name": "provider.bad_mood"})

    assert (answer.status_code, answer.json()) == (400, {"error": "There is no fault 'provider.bad_mood'."})


async def test_faults_page_lists_what_is_on(client: httpx.AsyncClient, sandbox: RunningSandbox) -> None:
    sandbox.set_fault("smtp.refuse_temporarily", remaining=3)

    page = (await client.get("/faults")).text

    assert '<form class="fault on" id="smtp.refuse_temporarily"' in page
    assert "On, 3 left" in page


async def test_clearing_switches_all_faults_off(client: httpx.AsyncClient, sandbox: RunningSandbox) -> None:
    sandbox.set_fault("provider.html")
    sandbox.set_fault("smtp.refuse_permanently")

    await client.post("/faults/clearing")

    assert (await client.get("/faults.json")).json() == []


async def test_clock_can_be_moved_over_http(client: httpx.AsyncClient, reseller: Reseller) -> None:
    order = await reseller.add()

    await client.post("/clock.json", json={"advance": 30})

    assert (await reseller.ask("status", order=order))["status"] == "Completed"


async def test_order_can_be_ended_from_its_page(client: httpx.AsyncClient, reseller: Reseller) -> None:
    order = await reseller.add()

    await client.post(f"/provider/orders/{order}", data={"outcome": "partial", "remains": "250", "finish": "1"})

    status = await reseller.ask("status", order=order)
    assert (status["status"], status["remains"]) == ("Partial", "250")
    assert "ended" in (await client.get("/provider")).text


async def test_balance_can_be_set_from_the_page(client: httpx.AsyncClient, reseller: Reseller) -> None:
    await client.post("/provider/balance", data={"amount": "12.5"})

    assert (await reseller.ask("balance"))["balance"] == "12.50000"


async def test_calls_page_shows_fields_but_never_the_key(
    client: httpx.AsyncClient, reseller: Reseller, sandbox: RunningSandbox
) -> None:
    await reseller.add()

    page = (await client.get("/provider/calls", params={"action": "add"})).text
    listed = (await client.get("/provider/calls.json", params={"action": "add"})).json()

    assert f"link = {LINK}" in page
    assert sandbox.settings.provider_key not in page
    assert listed[0]["fields"] == {"service": "1001", "link": LINK, "quantity": "1000"}


async def test_bills_page_refunds_a_paid_bill(
    client: httpx.AsyncClient, merchant: Merchant, sandbox: RunningSandbox
) -> None:
    bill_id = await merchant.open_bill("10.00")
    open_page = (await client.get("/cardlink")).text
    sandbox.pay(bill_id)
    paid_page = (await client.get("/cardlink")).text

    await client.post(f"/cardlink/bills/{bill_id}/refund")

    payment = (await merchant.get("bill/payments", id=bill_id))["data"][0]
    assert payment["refunded_amount"] == 10.0
    assert ("Forge a success</button>" in open_page, "Refund</button>" in open_page) == (True, False)
    assert ("Forge a success</button>" in paid_page, "Refund</button>" in paid_page) == (False, True)


@pytest.mark.parametrize(
    "path", ["/", "/faults", "/provider", "/provider/calls", "/provider/services", "/cardlink", "/inbox"]
)
async def test_pages_without_anything_yet_still_show(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, "<h1>" in answer.text) == (200, True)


async def test_unknown_page_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")

    assert (answer.status_code, "<h1>Not possible</h1>" in answer.text) == (404, True)
