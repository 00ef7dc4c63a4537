import json
from hashlib import sha256

from domain import staff
from domain.clock import now
from models.payments import Notification, PaymentEvent, PaymentState
from models.staff import AccessLog
from tests.browser import Browser
from tests.factories import make_account, make_staff
from tests.staff_world import make_order, make_payment, make_staff_id


async def test_list_filters_by_state_and_finds_by_code_customer_and_the_processors_id() -> None:
    wanted = await make_payment(await make_account("alice"), state="review", processor_reference="bill-77")
    await make_payment()

    for found in (
        await staff.list_payments(state=PaymentState.REVIEW),
        await staff.list_payments(search=wanted.code),
        await staff.list_payments(search="Alice"),
        await staff.list_payments(search="bill-77"),
    ):
        assert [row["code"] for row in found.rows] == [wanted.code]


async def test_list_links_to_each_payment(browser: Browser) -> None:
    payment = await make_payment(await make_account("alice"))
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get("/staff/payments")).text

    assert f'href="/staff/payments/{payment.code}"' in page
    assert "alice" in page


async def test_show_tells_events_kept_fields_and_orders(browser: Browser) -> None:
    order = await make_order(account := await make_account("alice"))
    payment = await make_payment(account, cart=order.cart)
    await PaymentEvent(payment=payment.id, state="pending", note="Page opened", happened_at=now()).save()
    body = sha256(b"TrsId=1").digest()
    await Notification(
        processor="cardlink", dedupe_key="1", kind="result", payment=payment.id, body_sha256=body,
        fields=json.dumps({"Status": "SUCCESS"}), deliveries=3, received_at=now(),
    ).save()  # fmt: skip
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get(f"/staff/payments/{payment.code}")).text

    for shown in ("Page opened", "SUCCESS", body.hex()[:16], f"/staff/orders/{order.code}", "a•••@example.com"):
        assert shown in page
    assert "alice@example.com" not in page


async def test_show_is_logged_with_who_looked_at_whom() -> None:
    account = await make_account()
    payment = await make_payment(account)
    by = await make_staff_id()

    await staff.find_payment(payment.code, staff_id=by)

    logged = await AccessLog.select(AccessLog.staff_member, AccessLog.account, AccessLog.what, AccessLog.reference)
    assert logged == [{"staff_member": by, "account": account.id, "what": "payment", "reference": payment.code}]


async def test_unknown_payment_is_not_found_and_not_logged(browser: Browser) -> None:
    await browser.sign_in((await make_staff()).id)

    assert (await browser.get("/staff/payments/P0")).status_code == 404
    assert await AccessLog.count() == 0
