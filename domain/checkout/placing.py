"""Placing: carts become orders, charges, jobs and letters, in one transaction."""

from collections.abc import Sequence

from domain import notices, orders
from domain.checkout.moves import ClaimedCart
from domain.checkout.review import ReviewLine
from domain.errors import Refused
from domain.i18n import gettext as _
from domain.notices import Letter, LetterName
from domain.orders import OrderLine, PlacedOrder, Purchase


async def place(cart: ClaimedCart, *, currency: str, secret_key: str) -> list[PlacedOrder]:
    """Turn a claimed cart into orders, in the caller's transaction: orders, charge, jobs and letter commit together.

    Prices are those of the services table at this moment. Raises Refused.
    """
    [placed] = await place_each([cart], currency=currency, secret_key=secret_key)
    return placed


async def place_each(carts: Sequence[ClaimedCart], *, currency: str, secret_key: str) -> list[list[PlacedOrder]]:
    """The same for several carts, in as many statements as for one; when one cannot be ordered, none is."""
    for cart in carts:
        refuse_obstacles(cart)
    purchases = [Purchase(cart.account_id, cart.id, [_order_line(line) for line in cart.lines]) for cart in carts]
    placed = await orders.place_each(purchases, currency=currency)
    letters = [
        _letter(cart, its_orders, currency=currency, secret_key=secret_key)
        for cart, its_orders in zip(carts, placed, strict=True)
    ]
    await notices.queue(*letters)
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
