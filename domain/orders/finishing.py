"""Finishing an order: its last state, the money that goes back, and the letter that says so, in one transaction."""

from datetime import datetime

from domain import notices
from domain.notices import Letter, LetterName
from domain.orders.locking import LockedOrder
from domain.orders.moves import Actor, move
from domain.orders.refunds import refund_up_to
from domain.orders.tracking import tracking_token
from models.orders import OrderState


async def finish(
    order: LockedOrder,
    to: OrderState,
    *,
    refund: int | None,
    actor: Actor,
    secret_key: str,
    note: str = "",
    remains: int | None = None,
    next_check_at: datetime | None = None,
) -> bool:
    """Move a locked order to a final state, raise its refund to `refund` (10^-8 in all) and tell the customer.

    False, with nothing done, when the order may not move there.
    """
    if await move(order.id, to, actor=actor, note=note, next_check_at=next_check_at) is None:
        return False
    await settle(order, to, refund=refund, remains=remains, secret_key=secret_key)
    return True


async def settle(
    order: LockedOrder, state: OrderState, *, refund: int | None, remains: int | None, secret_key: str
) -> None:
    """Raise the refund of an order that is in `state` to `refund` (10^-8 in all), and write one letter for each sum.

    A refund of None is one that a person has yet to decide: nothing is paid, and the letter waits for that decision.
    """
    if refund is not None:
        refunded = await refund_up_to(order, refund)
        await notices.queue(_letter(order, state, refunded, remains, secret_key))


def _letter(order: LockedOrder, state: OrderState, refunded: int, remains: int | None, secret_key: str) -> Letter:
    return Letter(
        name=LetterName.ORDER_FINISHED,
        # With the sum, as the ledger's cause has it: a refund that grows later is told as well.
        cause=f"order:{order.id}:{state}:{refunded}",
        account_id=order.account,
        to_address=order.email,
        locale=order.locale,
        context={
            "username": order.username,
            "code": order.code,
            "token": tracking_token(order.code, secret_key),
            "service": order.service_name,
            "state": state,
            "quantity": order.quantity,
            "remains": remains,
            "refund": refunded,
            "currency": order.currency,
        },
    )
