from collections.abc import Awaitable, Callable

import pytest

from domain import wallet
from domain.dispatch import decisions
from domain.errors import Invalid, Refused
from models.database import fetch, fetch_value, transaction
from models.dispatch import Case, Dispatch, DispatchState
from models.notices import MailMessage
from models.orders import Order, OrderEvent, OrderState
from tests.staff_world import make_case, make_dispatch, make_order, make_paid_order, make_refund_case, make_staff_id

Decide = Callable[[int, int], Awaitable[None]]


async def park(state: DispatchState = DispatchState.UNKNOWN) -> tuple[Order, Dispatch, Case]:
    """A paid order whose attempt may have arrived."""
    order = await make_paid_order(OrderState.PARKED)
    dispatch = await make_dispatch(order, state)
    return order, dispatch, await make_case(dispatch)


async def states(order: Order, dispatch: Dispatch, case: Case) -> tuple[str, str, str]:
    for row in (order, dispatch, case):
        await row.refresh()
    return order.state, dispatch.state, case.state


async def sending_jobs(order: Order) -> int:
    payload = str(order.id).encode()
    return int(
        await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'dispatch_order' AND payload = $1", payload)
    )


async def attach(case_id: int, staff_id: int) -> None:
    await decisions.attach(case_id, external_id="99", staff_id=staff_id, reason="It is in their list.")


async def resend(case_id: int, staff_id: int) -> None:
    await decisions.resend(case_id, staff_id=staff_id, reason="Their list does not have it.")


async def refund(case_id: int, staff_id: int) -> None:
    await decisions.refund(case_id, staff_id=staff_id, reason="They do not answer.", secret_key="k")


async def test_attach_lets_the_order_be_followed_under_its_id() -> None:
    order, dispatch, case = await park()
    by = await make_staff_id()

    await attach(case.id, by)

    assert await states(order, dispatch, case) == ("pending", "accepted", "decided")
    assert (dispatch.external_id, case.decided_by, case.decision) == ("99", by, "It is in their list.")
    assert order.next_check_at is not None
    assert await sending_jobs(order) == 0


async def test_resend_queues_a_new_attempt() -> None:
    order, dispatch, case = await park()

    await resend(case.id, await make_staff_id())

    assert await states(order, dispatch, case) == ("placed", "not_sent", "decided")
    assert await sending_jobs(order) == 1


async def test_refund_cancels_gives_everything_back_and_tells_the_customer() -> None:
    order, dispatch, case = await park()

    await refund(case.id, await make_staff_id())

    assert await states(order, dispatch, case) == ("canceled", "rejected", "decided")
    assert order.refunded == order.charge
    assert await wallet.balance(order.account, currency="USD") == order.charge
    assert await MailMessage.select(MailMessage.cause) == [{"cause": f"order:{order.id}:canceled:{order.charge}"}]
    await fetch("SET CONSTRAINTS ALL IMMEDIATE")


async def test_the_reason_stays_with_the_case_and_off_the_customers_timeline() -> None:
    order, _dispatch, case = await park()

    await refund(case.id, await make_staff_id())

    events = await OrderEvent.select(OrderEvent.state, OrderEvent.actor, OrderEvent.note).where(
        OrderEvent.order == order.id, OrderEvent.actor == "staff"
    )
    assert events == [{"state": "canceled", "actor": "staff", "note": ""}]


@pytest.mark.parametrize("first", [attach, resend, refund])
@pytest.mark.parametrize("second", [attach, resend, refund])
async def test_a_case_is_decided_once(first: Decide, second: Decide) -> None:
    order, dispatch, case = await park()
    by = await make_staff_id()
    await first(case.id, by)
    after_first = await states(order, dispatch, case)

    with pytest.raises(Refused):
        await second(case.id, by)

    assert await states(order, dispatch, case) == after_first


@pytest.mark.parametrize("decide", [attach, resend, refund])
async def test_an_order_parked_by_a_rejection_can_be_decided_too(decide: Decide) -> None:
    _order, _dispatch, case = await park(DispatchState.REJECTED)

    await decide(case.id, await make_staff_id())

    await case.refresh()
    assert case.state == "decided"


async def test_an_answer_that_came_late_leaves_nothing_to_decide() -> None:
    order, dispatch, case = await park()
    await Order.update({Order.state: OrderState.PENDING}).where(Order.id == order.id)
    await Dispatch.update({Dispatch.state: DispatchState.ACCEPTED}).where(Dispatch.id == dispatch.id)

    with pytest.raises(Refused):
        async with transaction():
            await resend(case.id, await make_staff_id())

    assert await states(order, dispatch, case) == ("pending", "accepted", "open")


async def test_attach_refuses_the_id_of_another_order() -> None:
    other = await make_order(state=OrderState.PENDING)
    order, dispatch, case = await park()
    await make_dispatch(other, DispatchState.ACCEPTED, external_id="99")

    with pytest.raises(Invalid) as invalid:
        await attach(case.id, await make_staff_id())

    assert list(invalid.value.errors) == ["external_id"]
    assert await states(order, dispatch, case) == ("parked", "unknown", "open")


async def test_attach_names_every_field_at_fault() -> None:
    _order, _dispatch, case = await park()

    with pytest.raises(Invalid) as invalid:
        await decisions.attach(case.id, external_id="", staff_id=await make_staff_id(), reason="")

    assert set(invalid.value.errors) == {"external_id", "reason"}


async def test_no_decision_without_a_reason() -> None:
    order, dispatch, case = await park()

    with pytest.raises(Invalid):
        await decisions.resend(case.id, staff_id=await make_staff_id(), reason="")

    assert await states(order, dispatch, case) == ("parked", "unknown", "open")


@pytest.mark.parametrize("decide", [attach, resend, refund])
async def test_a_partial_delivery_is_not_decided_as_if_it_were_unknown(decide: Decide) -> None:
    order = await make_paid_order(OrderState.PARTIAL)
    case = await make_refund_case(await make_dispatch(order, DispatchState.ACCEPTED))

    with pytest.raises(Refused):
        await decide(case.id, await make_staff_id())

    await case.refresh()
    assert (case.state, await wallet.balance(order.account, currency="USD")) == ("open", 0)
