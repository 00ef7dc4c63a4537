"""What staff give back: a part of an order that was delivered in part, and all of one that nobody takes."""

import asyncio

import pytest

from domain import orders, wallet
from domain.dispatch import decisions
from domain.errors import Invalid, Refused
from models.database import fetch, transaction
from models.dispatch import Case, DispatchState
from models.notices import MailMessage
from models.orders import Order, OrderState
from tests.staff_world import make_dispatch, make_paid_order, make_refund_case, make_staff_id, make_unsent_case

# Delivered in part


async def deliver_in_part() -> tuple[Order, Case]:
    """A paid order of 2.50 of which nothing says how much goes back."""
    order = await make_paid_order(OrderState.PARTIAL)
    return order, await make_refund_case(await make_dispatch(order, DispatchState.ACCEPTED, external_id="7"))


async def give_back(case: Case, typed: str, *, reason: str = "They delivered about half.") -> None:
    staff_id = await make_staff_id()
    await decisions.give_back(case.id, typed, staff_id=staff_id, reason=reason, secret_key="k")


async def letters() -> list[str]:
    return [row["cause"] for row in await MailMessage.select(MailMessage.cause).order_by(MailMessage.id)]


@pytest.mark.parametrize(
    ("typed", "amount"), [("1.00000001", 100_000_001), ("1,25", 125_000_000), ("2.5", 250_000_000)]
)
async def test_give_back_pays_what_was_decided_and_tells_the_customer(typed: str, amount: int) -> None:
    order, case = await deliver_in_part()

    await give_back(case, typed)

    for row in (order, case):
        await row.refresh()
    assert (order.state, order.refunded, case.state) == ("partial", amount, "decided")
    assert case.decision == "They delivered about half."
    assert await wallet.balance(order.account, currency="USD") == amount
    assert await letters() == [f"order:{order.id}:partial:{amount}"]
    await fetch("SET CONSTRAINTS ALL IMMEDIATE")


async def test_give_back_of_nothing_ends_the_wait_and_tells_the_customer() -> None:
    order, case = await deliver_in_part()
    assert (await orders.find_by_code(order.code)).awaits_refund
    before = (await orders.find_by_code(order.code)).version

    await give_back(case, "0")

    seen = await orders.find_by_code(order.code)
    assert (seen.awaits_refund, seen.refunded) == (False, 0)
    assert seen.version != before
    assert await letters() == [f"order:{order.id}:partial:0"]


@pytest.mark.parametrize("typed", ["", "-1", "abc", "2.50000001", "1,000", "1e0", "0.000000001", "NaN", "\u0661"])
async def test_give_back_refuses_what_is_no_amount_or_more_than_was_paid(typed: str) -> None:
    order, case = await deliver_in_part()

    with pytest.raises(Invalid) as invalid:
        await give_back(case, typed)

    for row in (order, case):
        await row.refresh()
    assert list(invalid.value.errors) == ["amount"]
    assert (order.refunded, case.state) == (0, "open")
    assert await letters() == []


async def test_give_back_names_every_field_at_fault() -> None:
    _order, case = await deliver_in_part()

    with pytest.raises(Invalid) as invalid:
        await give_back(case, "", reason="")
    with pytest.raises(Invalid) as without_reason:
        await give_back(case, "1", reason="")

    assert set(invalid.value.errors) == {"amount", "reason"}
    assert set(without_reason.value.errors) == {"reason"}


async def test_give_back_counts_what_went_back_before() -> None:
    order, case = await deliver_in_part()
    await Order.update({Order.refunded: order.charge - 100}).where(Order.id == order.id)

    with pytest.raises(Invalid):
        await give_back(case, "0.00000101")
    await give_back(case, "0.000001")

    await order.refresh()
    assert order.refunded == order.charge
    assert await wallet.balance(order.account, currency="USD") == 100


async def test_give_back_happens_once() -> None:
    order, case = await deliver_in_part()
    await give_back(case, "1")

    with pytest.raises(Refused):
        await give_back(case, "1")

    assert await wallet.balance(order.account, currency="USD") == 100_000_000
    assert len(await letters()) == 1


async def test_refund_that_comes_later_pays_no_more_than_the_rest_of_the_charge() -> None:
    order, case = await deliver_in_part()
    await give_back(case, "2")

    async with transaction():
        locked = await orders.lock(order.id)
        await orders.finish(locked, OrderState.CANCELED, refund=order.charge, actor=orders.Actor.WORKER, secret_key="k")

    assert await wallet.balance(order.account, currency="USD") == order.charge
    assert await letters() == [f"order:{order.id}:partial:200000000", f"order:{order.id}:canceled:250000000"]


@pytest.mark.commits
async def test_give_back_sent_twice_at_once_pays_once() -> None:
    order, case = await deliver_in_part()
    by = await make_staff_id()

    answers = await asyncio.gather(
        *(decisions.give_back(case.id, "1", staff_id=by, reason="Twice.", secret_key="k") for _try in range(4)),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers if answer is not None] == [Refused] * 3
    assert await wallet.balance(order.account, currency="USD") == 100_000_000


# Taken by nobody


async def give_up(case: Case, *, reason: str = "Nobody offers it any more.") -> None:
    await decisions.give_up(case.id, staff_id=await make_staff_id(), reason=reason, secret_key="k")


async def test_give_up_cancels_gives_everything_back_once_and_tells_the_customer() -> None:
    order = await make_paid_order(OrderState.PLACED)
    case = await make_unsent_case(order)

    await give_up(case)
    with pytest.raises(Refused):
        await give_up(case)

    for row in (order, case):
        await row.refresh()
    assert (order.state, order.refunded, case.state) == ("canceled", order.charge, "decided")
    assert await wallet.balance(order.account, currency="USD") == order.charge
    assert await letters() == [f"order:{order.id}:canceled:{order.charge}"]


@pytest.mark.parametrize(
    ("state", "attempt"),
    [
        (OrderState.PLACED, DispatchState.STARTED),
        (OrderState.PARKED, DispatchState.UNKNOWN),
        (OrderState.PENDING, DispatchState.ACCEPTED),
    ],
)
async def test_give_up_is_refused_while_a_provider_may_have_the_order(
    state: OrderState, attempt: DispatchState
) -> None:
    order = await make_paid_order(state)
    await make_dispatch(order, attempt)
    case = await make_unsent_case(order)

    with pytest.raises(Refused):
        await give_up(case)

    for row in (order, case):
        await row.refresh()
    assert (order.state, case.state, order.refunded) == (state, "open", 0)


async def test_give_up_needs_a_reason() -> None:
    case = await make_unsent_case(await make_paid_order(OrderState.PLACED))

    with pytest.raises(Invalid):
        await give_up(case, reason="")
