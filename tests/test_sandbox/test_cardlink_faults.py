import httpx
import pytest

from sandbox.testing import RunningSandbox
from tests.test_sandbox.conftest import Merchant


async def test_create_timeout_leaves_a_bill_behind(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient
) -> None:
    client.timeout = httpx.Timeout(0.3)
    sandbox.set_fault("cardlink.create_timeout", remaining=1)

    with pytest.raises(httpx.ReadTimeout):
        await merchant.open_bill(order_id="lost")

    assert (await merchant.get("bill/search"))["data"][0]["order_id"] == "lost"


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("wrong_amount", "amount", 105.0),
        ("wrong_currency", "currency_in", "RUB"),
        ("wrong_order_id", "order_id", "somebody-else"),
    ],
)
async def test_status_faults_change_what_the_bill_says(
    sandbox: RunningSandbox, merchant: Merchant, fault: str, field: str, value: object
) -> None:
    bill_id = await merchant.open_bill()
    sandbox.set_fault(f"cardlink.{fault}", remaining=1)

    wrong, right = [await merchant.get("bill/status", id=bill_id) for _ in range(2)]

    assert wrong[field] == value
    assert right[field] != value


@pytest.mark.parametrize(
    ("fault", "status", "amount"), [("underpaid", "UNDERPAID", 10.49), ("overpaid", "OVERPAID", 10.51)]
)
async def test_paid_sum_can_differ_from_the_bill(
    sandbox: RunningSandbox, merchant: Merchant, fault: str, status: str, amount: float
) -> None:
    bill_id = await merchant.open_bill()
    sandbox.set_fault(f"cardlink.{fault}", remaining=1)

    sandbox.pay(bill_id)

    bill, payment = await merchant.get("bill/status", id=bill_id), await merchant.get("bill/payments", id=bill_id)
    assert (bill["status"], bill["amount"]) == (status, 10.5)
    assert (payment["data"][0]["status"], payment["data"][0]["amount"]) == (status, amount)
    assert sandbox.postbacks(bill_id)[0].fields["Status"] == status


@pytest.mark.parametrize(("fault", "status"), [("unauthorized", 401), ("error_page", 502)])
async def test_api_faults_answer_any_call(
    sandbox: RunningSandbox, merchant: Merchant, client: httpx.AsyncClient, fault: str, status: int
) -> None:
    sandbox.set_fault(f"cardlink.{fault}", remaining=1)

    statuses = [
        (await client.get(f"{sandbox.cardlink_url}/merchant/balance", headers=merchant.headers)).status_code
        for _ in range(2)
    ]

    assert statuses == [status, 200]
