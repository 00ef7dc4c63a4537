import json
from collections.abc import Awaitable, Callable

import pytest

from domain import staff, wallet
from domain.clock import now
from domain.errors import Invalid, Refused
from domain.money import UNIT
from models.dispatch import Case, CaseKind, CaseState, DispatchState
from models.orders import Order, OrderState
from models.payments import Payment, PaymentState
from models.staff import AccessLog
from tests.browser import Browser
from tests.factories import make_account, make_staff
from tests.staff_world import (
    make_case,
    make_dispatch,
    make_order,
    make_payment,
    make_refund_case,
    make_staff_id,
    make_unsent_case,
)


async def park() -> tuple[Order, Case]:
    order = await make_order(await make_account("alice"), state=OrderState.PARKED)
    return order, await make_case(await make_dispatch(order, DispatchState.UNKNOWN))


async def mismatch(*, state: PaymentState = PaymentState.PAID, word: str = "reversed") -> tuple[Payment, Case]:
    """A payment of 5.00 of which 4.00 arrived, or went back again."""
    payment = await make_payment(await make_account("bob"), state=state)
    told = {"told_state": word, "told_payment": payment.code, "told_amount": 5 * UNIT, "told_currency": "USD"}
    ours = {"payment": payment.code, "amount": 5 * UNIT, "currency": "USD", "reference": "B1", "told_reference": "B1"}
    case = Case(
        kind=CaseKind.PAYMENT_MISMATCH,
        cause=f"payment:{payment.id}:{'review' if state is PaymentState.REVIEW else 'reversed'}",
        summary=word,
        evidence=json.dumps({**ours, **told, "arrived": 4 * UNIT}),
        opened_at=now(),
    )
    await case.save()
    return payment, case


async def deliver_in_part() -> tuple[Order, Case]:
    order = await make_order(await make_account("alice"), state=OrderState.PARTIAL)
    return order, await make_refund_case(await make_dispatch(order, DispatchState.ACCEPTED))


async def leave_unsent() -> tuple[Order, Case]:
    order = await make_order(await make_account("alice"))
    return order, await make_unsent_case(order)


async def test_list_shows_open_cases_unless_asked_for_others(browser: Browser) -> None:
    _order, case = await park()
    _payment, closed = await mismatch()
    await staff.close_case(closed.id, staff_id=await make_staff_id(), reason="Settled by mail.")
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get("/staff/cases")).text

    assert f'href="/staff/cases/{case.id}"' in page
    assert f'href="/staff/cases/{closed.id}"' not in page
    assert [row["id"] for row in (await staff.list_cases(state=CaseState.DECIDED)).rows] == [closed.id]
    assert f'href="/staff/cases/{closed.id}"' in (await browser.get("/staff/cases?state=all")).text


async def test_show_lays_out_what_is_known_and_logs_the_look(browser: Browser) -> None:
    order, case = await park()
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get(f"/staff/cases/{case.id}")).text

    said = "The provider may have this order: its answer got lost, or says nothing clear."
    for shown in (said, "time-out", order.code, order.link, "Cancel and refund $2.50", "a•••@example.com"):
        assert shown in page
    assert await AccessLog.select(AccessLog.account, AccessLog.what, AccessLog.reference) == [
        {"account": order.account, "what": "case", "reference": str(case.id)}
    ]


async def test_show_of_money_that_was_taken_back_offers_only_to_close_the_case(browser: Browser) -> None:
    _payment, case = await mismatch()
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get(f"/staff/cases/{case.id}")).text

    assert f'action="/staff/cases/{case.id}/closure"' in page
    assert [path for path in ("attachment", "credit", "arrival", "denial") if f'/{path}"' in page] == []
    assert "The money was refunded or charged back at the processor." in page
    assert "4.00" in page


async def test_show_of_a_payment_in_review_offers_the_three_decisions_and_logs_the_look(browser: Browser) -> None:
    payment, case = await mismatch(state=PaymentState.REVIEW, word="underpaid")
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get(f"/staff/cases/{case.id}")).text

    for shown in ("The customer paid less than was asked for.", "Credit what was asked: $5.00", "arrived: $4.00"):
        assert shown in page
    assert f'action="/staff/cases/{case.id}/denial"' in page
    assert f'action="/staff/cases/{case.id}/closure"' not in page
    assert await AccessLog.select(AccessLog.account, AccessLog.what, AccessLog.reference) == [
        {"account": payment.account, "what": "case", "reference": str(case.id)}
    ]


@pytest.mark.parametrize(
    ("path", "state", "balance"), [("credit", "paid", 5), ("arrival", "paid", 4), ("denial", "failed", 0)]
)
async def test_decision_about_a_payment_is_carried_out_and_shown(
    browser: Browser, path: str, state: str, balance: int
) -> None:
    payment, case = await mismatch(state=PaymentState.REVIEW, word="underpaid")
    await browser.sign_in((await make_staff("olga")).id)
    url = f"/staff/cases/{case.id}"
    assert (await browser.submit(f"{url}/{path}", {"reason": " "})).status_code == 422

    answer = await browser.submit(f"{url}/{path}", {"reason": "Their bank says so."})

    assert (answer.status_code, answer.headers["location"]) == (303, url)
    await payment.refresh()
    assert payment.state == state
    assert await wallet.balance(payment.account, currency="USD") == balance * UNIT
    page = (await browser.get(url)).text
    assert "Their bank says so." in page
    assert "olga" in page.partition("<main")[2]
    assert (await browser.submit(f"{url}/credit", {"reason": "Once more."})).status_code == 409


@pytest.mark.parametrize(
    ("path", "order_state", "dispatch_state"),
    [("attachment", "pending", "accepted"), ("resend", "placed", "not_sent"), ("refund", "canceled", "rejected")],
)
async def test_decision_is_carried_out_and_shown(
    browser: Browser, path: str, order_state: str, dispatch_state: str
) -> None:
    order, case = await park()
    await browser.sign_in((await make_staff("olga")).id)

    fields = {"reason": "Asked them by phone.", "external_id": "4711"}
    answer = await browser.submit(f"/staff/cases/{case.id}/{path}", fields)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/cases/{case.id}")
    page = (await browser.get(f"/staff/cases/{case.id}")).text
    assert "Asked them by phone." in page
    assert "olga" in page.partition("<main")[2]
    file = await staff.find_order(order.code, staff_id=await make_staff_id())
    assert (file.order["state"], file.dispatches[0]["state"]) == (order_state, dispatch_state)


async def test_decision_without_a_reason_keeps_what_was_typed(browser: Browser) -> None:
    _order, case = await park()
    await browser.sign_in((await make_staff()).id)

    answer = await browser.submit(f"/staff/cases/{case.id}/attachment", {"reason": " ", "external_id": "4711"})

    assert answer.status_code == 422
    assert "Say why, so that the next person understands it." in answer.text
    assert 'value="4711"' in answer.text
    assert (await staff.list_cases()).rows[0]["state"] == "open"


async def test_decision_of_somebody_else_is_not_overwritten(browser: Browser) -> None:
    _order, case = await park()
    await browser.sign_in((await make_staff()).id)
    await browser.submit(f"/staff/cases/{case.id}/resend", {"reason": "Not there."})

    answer = await browser.submit(f"/staff/cases/{case.id}/refund", {"reason": "Too slow."})

    assert answer.status_code == 409
    await case.refresh()
    assert case.decision == "Not there."


async def test_close_is_refused_while_an_order_waits_for_the_decision() -> None:
    _order, case = await park()

    with pytest.raises(Refused):
        await staff.close_case(case.id, staff_id=await make_staff_id(), reason="Gone quiet.")


async def test_close_needs_a_reason_and_happens_once() -> None:
    _payment, case = await mismatch()
    by = await make_staff_id()

    with pytest.raises(Invalid):
        await staff.close_case(case.id, staff_id=by, reason="")
    await staff.close_case(case.id, staff_id=by, reason="Refunded by hand.")
    with pytest.raises(Refused):
        await staff.close_case(case.id, staff_id=by, reason="Once more.")

    await case.refresh()
    assert (case.state, case.decision, case.decided_by) == ("decided", "Refunded by hand.", by)


async def test_unknown_case_is_not_found(browser: Browser) -> None:
    await browser.sign_in((await make_staff()).id)

    assert (await browser.get("/staff/cases/404404")).status_code == 404


async def test_repayment_gives_back_what_staff_decided_and_the_customer_sees_it(browser: Browser) -> None:
    order, case = await deliver_in_part()
    await browser.sign_in(order.account)
    assert "working out how much goes back" in (await browser.get(f"/orders/{order.code}")).text
    await browser.sign_in((await make_staff()).id)
    assert "From 0 to $2.50" in (await browser.get(f"/staff/cases/{case.id}")).text

    fields = {"amount": "1.25", "reason": "Half of it is there."}
    answer = await browser.submit(f"/staff/cases/{case.id}/repayment", fields)
    again = await browser.submit(f"/staff/cases/{case.id}/repayment", fields)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/cases/{case.id}")
    assert again.status_code == 409
    assert "Half of it is there." in (await browser.get(f"/staff/cases/{case.id}")).text
    await browser.sign_in(order.account)
    page = (await browser.get(f"/orders/{order.code}")).text
    assert "working out how much goes back" not in page
    assert "What was not delivered is back in your wallet." in page
    assert "\N{MINUS SIGN}$1.25" in page


async def test_repayment_of_nothing_is_told_to_the_customer(browser: Browser) -> None:
    order, case = await deliver_in_part()
    await browser.sign_in(order.account)
    await browser.get(f"/orders/{order.code}")
    await browser.sign_in((await make_staff()).id)

    await browser.submit(f"/staff/cases/{case.id}/repayment", {"amount": "0", "reason": "All of it is there."})

    await browser.sign_in(order.account)
    page = (await browser.get(f"/orders/{order.code}")).text
    assert "The provider stopped early. Nothing of the price goes back." in page
    assert "working out how much goes back" not in page


async def test_repayment_of_too_much_keeps_what_was_typed(browser: Browser) -> None:
    order, case = await deliver_in_part()
    await browser.sign_in((await make_staff()).id)

    answer = await browser.submit(f"/staff/cases/{case.id}/repayment", {"amount": "2.51", "reason": "Half."})

    assert answer.status_code == 422
    assert "No more than 2.50 is left of what the customer paid." in answer.text
    assert 'value="2.51"' in answer.text
    await order.refresh()
    assert order.refunded == 0


async def test_cancellation_gives_an_order_up_that_no_provider_takes(browser: Browser) -> None:
    order, case = await leave_unsent()
    await browser.sign_in((await make_staff()).id)
    page = (await browser.get(f"/staff/cases/{case.id}")).text
    assert "No provider has taken this order for a day." in page
    assert "Cancel and refund $2.50" in page

    answer = await browser.submit(f"/staff/cases/{case.id}/cancellation", {"reason": "Nobody offers it."})

    await order.refresh()
    assert (answer.status_code, order.state, order.refunded) == (303, "canceled", order.charge)


@pytest.mark.parametrize("waiting", [deliver_in_part, leave_unsent])
async def test_close_is_refused_while_a_customer_waits_for_the_decision(
    waiting: Callable[[], Awaitable[tuple[Order, Case]]],
) -> None:
    _order, case = await waiting()

    with pytest.raises(Refused):
        await staff.close_case(case.id, staff_id=await make_staff_id(), reason="Gone quiet.")


async def test_case_of_an_order_that_was_sent_after_all_can_be_closed(browser: Browser) -> None:
    order, case = await leave_unsent()
    await Order.update({Order.state: OrderState.PENDING}).where(Order.id == order.id)
    await browser.sign_in((await make_staff()).id)

    assert f'action="/staff/cases/{case.id}/closure"' in (await browser.get(f"/staff/cases/{case.id}")).text
    await browser.submit(f"/staff/cases/{case.id}/closure", {"reason": "It was sent."})

    await case.refresh()
    assert case.state == "decided"


async def test_list_says_what_each_case_is_about(browser: Browser) -> None:
    order, _case = await leave_unsent()
    await browser.sign_in((await make_staff()).id)

    page = (await browser.get("/staff/cases")).text

    assert f'<td class="mono">{order.code}</td>' in page
    assert "Unsent order" in page
