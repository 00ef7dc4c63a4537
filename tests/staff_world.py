"""What the tests of the staff section look at: orders with attempts, payments, cases."""

import json
from itertools import count
from typing import Any

from domain import wallet
from domain.clock import now
from domain.money import UNIT
from models.accounts import Account, StaffMember
from models.catalog import Provider
from models.dispatch import Case, CaseKind, Dispatch, DispatchState
from models.orders import Order, OrderEvent, OrderState
from models.payments import Payment
from tests.factories import make_account, make_cart, make_provider, make_provider_service, make_service, make_staff

_number = count(1)


async def make_order(account: Account | None = None, *, state: OrderState = OrderState.PLACED, **values: Any) -> Order:
    """An order of 1,000 for 2.50 on a link of its own, with the event of its placing."""
    account = account or await make_account()
    cart = await make_cart(account)
    number = next(_number)
    defaults: dict[str, Any] = {
        "service": values.pop("service", None) or (await make_service()).id,
        "code": f"K7{number:08}",
        "link": f"https://example.com/{number}",
        "link_key": f"example.com/{number}",
        "quantity": 1_000,
        "rate": 250 * UNIT // 100,
        "charge": 250 * UNIT // 100,
        "currency": "USD",
        "placed_at": now(),
    }
    order = Order(account=account.id, cart=cart.id, state=state, **defaults | values)
    await order.save()
    await OrderEvent(order=order.id, state=OrderState.PLACED, actor="customer", note="", happened_at=now()).save()
    return order


async def make_paid_order(state: OrderState) -> Order:
    """An order whose 2.50 really left its customer's wallet."""
    account = await make_account()
    order = await make_order(account, state=state)
    await wallet.top_up(
        account.id, amount=order.charge, processor="test", cause=f"t:{order.id}", reference="P1", currency="USD"
    )
    await wallet.charge(
        account.id, [wallet.Charge(f"order:{order.id}:charge", order.code, order.charge)], currency="USD"
    )
    return order


async def make_staff_id() -> int:
    """The id of a new member of staff, as decisions and logs name one."""
    account = await make_staff()
    member = await StaffMember.objects().get(StaffMember.account == account.id)
    assert member is not None
    return int(member.id)


async def make_dispatch(order: Order, state: DispatchState, **values: Any) -> Dispatch:
    provider = await Provider.objects().first() or await make_provider()
    service = await make_service()
    row = await make_provider_service(provider, service)
    dispatch = Dispatch(
        order=order.id,
        provider=provider.id,
        provider_service=row.id,
        state=state,
        expected_cost=UNIT,
        started_at=now(),
        **values,
    )
    await dispatch.save()
    return dispatch


async def make_case(dispatch: Dispatch) -> Case:
    """The case of an attempt whose outcome is unknown."""
    case = Case(
        kind=CaseKind.UNKNOWN_DISPATCH,
        cause=f"dispatch:{dispatch.id}",
        summary="unclear_answer",
        evidence=json.dumps({"answer": "time-out"}),
        opened_at=now(),
    )
    await case.save()
    return case


async def make_refund_case(dispatch: Dispatch) -> Case:
    """The case of an order that was delivered in part, without anything that says how much goes back."""
    case = Case(
        kind=CaseKind.UNDECIDED_REFUND,
        cause=f"dispatch:{dispatch.id}:partial",
        summary="undecided_refund",
        evidence="{}",
        opened_at=now(),
    )
    await case.save()
    return case


async def make_unsent_case(order: Order) -> Case:
    """The case of an order that no provider takes."""
    case = Case(
        kind=CaseKind.UNSENT_ORDER,
        cause=f"order:{order.id}:unsent",
        summary="unsent",
        evidence=json.dumps({"order": order.code}),
        opened_at=now(),
    )
    await case.save()
    return case


async def make_payment(account: Account | None = None, **values: Any) -> Payment:
    """A payment of 5.00 that waits for its payer."""
    account = account or await make_account()
    defaults: dict[str, Any] = {
        "code": f"P{next(_number):08}",
        "processor": "cardlink",
        "state": "pending",
        "amount": 5 * UNIT,
        "currency": "USD",
        "created_at": now(),
        "expires_at": now(),
    }
    payment = Payment(account=account.id, **defaults | values)
    await payment.save()
    return payment
