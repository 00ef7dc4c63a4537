"""Placing: a cart becomes orders and one charge, in one transaction, however often the button is pressed."""

from collections.abc import Sequence

from domain import notices, orders
from domain.checkout import moves
from domain.checkout.moves import CartMoved, ClaimedCart
from domain.checkout.review import ReviewLine, SeenCart
from domain.errors import Refused
from domain.i18n import gettext as _
from domain.notices import Letter, LetterName
from domain.orders import OrderLine, PlacedOrder
from models.checkout import CartState
from models.database import fetch, transaction


async def place_from_balance(account_id: int, seen: SeenCart, *, currency: str, secret_key: str) -> list[str]:
    """Order the cart that the customer saw, paid from the balance, and return the codes of its orders.

    A second click gets the codes of the first. Raises Refused with the reason: a price rose, a service is gone, a link
    has an unfinished order, the balance does not cover it, the mail address is not confirmed, or the cart changed.
    """
    try:
        async with transaction():
            cart = await moves.claim(account_id, seen, source=CartState.OPEN, to=CartState.ORDERED)
            placed = await place(cart, currency=currency, secret_key=secret_key)
    except CartMoved:
        codes = await _list_codes(account_id, seen.cart_id)
        if not codes:
            raise
        return codes
    return [order.code for order in placed]


async def place(cart: ClaimedCart, *, currency: str, secret_key: str) -> list[PlacedOrder]:
    """Turn a claimed cart into orders, in the caller's transaction: orders, charge, jobs and letter commit together.

    Prices are those of the services table at this moment. Raises Refused.
    """
    refuse_obstacles(cart)
    lines = [_order_line(line) for line in cart.lines]
    placed = await orders.place(cart.account_id, cart_id=cart.id, lines=lines, currency=currency)
    await notices.queue(_letter(cart, placed, currency=currency, secret_key=secret_key))
    return placed


def refuse_obstacles(cart: ClaimedCart) -> None:
    """Raises Refused with the first reason why the cart cannot be ordered as its customer saw it."""
    if cart.email_confirmed_at is None:
        raise Refused(_("Confirm your mail address first: the letter about it is in your inbox."))
    for line in cart.lines:
        if line.obstacle:
            raise Refused(line.obstacle)
    if any(line.price_rose for line in cart.lines):
        raise Refused(_("A price rose since you last saw it. Look at the new total before you go on."))


def _order_line(line: ReviewLine) -> OrderLine:
    return OrderLine(
        service_id=line.service.id,
        service_name=line.service.name,
        link=line.link,
        link_key=line.link_key,
        quantity=line.quantity,
        fields=line.fields,
        rate=line.service.rate,
        charge=line.charge,
    )


def _letter(cart: ClaimedCart, placed: Sequence[PlacedOrder], *, currency: str, secret_key: str) -> Letter:
    """One letter for the whole checkout, with a link to follow each order."""
    return Letter(
        LetterName.ORDER_PLACED,
        cause=f"cart:{cart.id}:placed",
        account_id=cart.account_id,
        to_address=cart.email,
        locale=cart.locale,
        context={
            "username": cart.username,
            "orders": [
                {
                    "code": order.code,
                    "service": line.service.name,
                    "quantity": line.quantity,
                    "charge": order.charge,
                    "token": orders.tracking_token(order.code, secret_key),
                }
                for order, line in zip(placed, cart.lines, strict=True)
            ],
            "total": sum(order.charge for order in placed),
            "currency": currency,
        },
    )


async def _list_codes(account_id: int, cart_id: int) -> list[str]:
    rows = await fetch("SELECT code FROM orders WHERE cart = $1 AND account = $2 ORDER BY id", cart_id, account_id)
    return [row["code"] for row in rows]
