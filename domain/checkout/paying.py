"""Paying what is missing: the cart waits, frozen, and is ordered when the money is there, browser or not."""

from dataclasses import dataclass

import structlog

from domain import payments, wallet
from domain.checkout import moves, placing
from domain.checkout.moves import CartMoved
from domain.checkout.review import SeenCart
from domain.errors import NotFound, Refused
from domain.i18n import gettext as _
from domain.jobs import Job, enqueue
from domain.money import up_to_cents
from domain.payments import PaymentView
from domain.payments.processors import Processor
from models.checkout import CartNote, CartState
from models.database import fetch, fetch_one, fetch_value, notify, transaction
from models.payments import PaymentState

log = structlog.get_logger("checkout")

QUEUED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCart:
    """A cart whose payment is under way; `amount` is 10^-8."""

    cart_id: int
    payment_code: str
    pay_url: str
    amount: int
    lines: int


async def pay_missing(
    account_id: int, seen: SeenCart, *, seen_missing: int, processor: Processor, currency: str, base_url: str
) -> PaymentView:
    """Freeze the cart that the customer saw and start a payment of exactly what the balance lacks (10^-8, whole cents).

    A second click gets the payment of the first. Raises Refused with the reason; when the processor cannot be reached
    the cart is open again by then. Not inside a transaction.
    """
    try:
        payment = await _intend(account_id, seen, seen_missing, processor=processor.key, currency=currency)
    except CartMoved:
        return await _find_started(account_id, seen)
    payment = await payments.hand_over(payment, processor, base_url=base_url)
    if not payment.pay_url:
        await moves.give_back(seen.cart_id, note=CartNote.PROCESSOR_DOWN)
        raise Refused(_("The payment company can't be reached. Nothing was charged; try again in a moment."))
    return payment


async def _intend(account_id: int, seen: SeenCart, seen_missing: int, *, processor: str, currency: str) -> PaymentView:
    """Freeze the cart and save the intention to pay in one transaction: there is never the one without the other."""
    async with transaction():
        cart = await moves.claim(account_id, seen, source=CartState.OPEN, to=CartState.PAYING)
        placing.refuse_obstacles(cart)
        missing = up_to_cents(max(0, cart.total - await wallet.balance(account_id, currency=currency)))
        if not 0 < missing <= seen_missing:
            raise Refused(_("Your balance changed since you opened this page. Look at the amount again."))
        return await payments.intend(
            account_id, amount=missing, cart_id=cart.id, processor=processor, currency=currency
        )


async def _find_started(account_id: int, seen: SeenCart) -> PaymentView:
    code = await fetch_value(_FIND_STARTED, seen.cart_id, account_id)
    if code is None:
        raise CartMoved(_("Your cart changed since you opened this page. Look at it again before you go on."))
    return await payments.find_of_account(account_id, code)


_FIND_STARTED = """
SELECT p.code FROM payments p JOIN carts c ON c.id = p.cart
 WHERE c.id = $1 AND c.account = $2 AND c.state IN ('paying', 'ordered')
"""


async def settle_cart(cart_id: int, *, secret_key: str) -> None:
    """Order a cart whose payment is paid, or open it again when the payment came to nothing; for the worker.

    When the orders cannot be placed any more (a price rose, a service or the balance is gone, a link is taken) nothing
    is: the money stays in the wallet and the cart is open again with the reason. Calling again changes nothing.
    """
    waiting = await fetch_one(_FIND_PAYMENT, cart_id)
    if waiting is None:
        return
    if waiting["state"] == PaymentState.PAID:
        seen = SeenCart(cart_id, waiting["revision"])
        await _place_paid(waiting["account"], seen, currency=waiting["currency"], secret_key=secret_key)
        await notify(f"payment_{waiting['code']}")  # its page waits to say whether the orders are placed
    elif waiting["state"] in PaymentState.soft_final_states():
        await moves.give_back(cart_id, note=CartNote.PAYMENT_FAILED)


_FIND_PAYMENT = """
SELECT p.state, p.code, p.currency, c.account, c.revision FROM carts c JOIN payments p ON p.cart = c.id
 WHERE c.id = $1 AND c.state = 'paying'
"""


async def _place_paid(account_id: int, seen: SeenCart, *, currency: str, secret_key: str) -> None:
    try:
        async with transaction():
            cart = await moves.claim(account_id, seen, source=CartState.PAYING, to=CartState.ORDERED)
            await placing.place(cart, currency=currency, secret_key=secret_key)
    except CartMoved:
        return  # ordered or given back while this job waited
    except Refused as refusal:
        log.warning("paid_cart_not_ordered", cart=seen.cart_id, reason=type(refusal).__name__)
        await moves.give_back(seen.cart_id, note=CartNote.NOT_ORDERED)


async def queue_left() -> int:
    """Queue the carts whose payment has ended while they still wait, because their job failed; say how many."""
    async with transaction():
        rows = await fetch(_FIND_LEFT, [PaymentState.PAID, *PaymentState.soft_final_states()], QUEUED_AT_ONCE)
        if rows:
            await enqueue(Job.SETTLE_CART, *(row["id"] for row in rows))
    return len(rows)


_FIND_LEFT = """
SELECT c.id FROM carts c JOIN payments p ON p.cart = c.id WHERE c.state = 'paying' AND p.state = ANY ($1)
 ORDER BY c.id LIMIT $2
"""


async def list_waiting(account_id: int) -> list[WaitingCart]:
    """The customer's carts whose payment is under way, the newest first."""
    return [WaitingCart(**row) for row in await fetch(_LIST_WAITING, account_id)]


_LIST_WAITING = """
SELECT c.id AS cart_id, p.code AS payment_code, p.pay_url, p.amount,
       (SELECT count(*) FROM cart_lines l WHERE l.cart = c.id) AS lines
  FROM carts c JOIN payments p ON p.cart = c.id
 WHERE c.account = $1 AND c.state = 'paying' ORDER BY c.id DESC
"""


async def find_state(cart_id: int) -> CartState:
    """What became of a cart that a payment was started for."""
    return CartState(await fetch_value("SELECT state FROM carts WHERE id = $1", cart_id))


async def take_back(account_id: int, cart_id: int) -> None:
    """Open a cart again whose payment the customer left; money that still arrives goes to the wallet.

    Raises NotFound for a cart of somebody else's, or one that is not being paid for.
    """
    is_own = await fetch_value("SELECT count(*) FROM carts WHERE id = $1 AND account = $2", cart_id, account_id)
    if not is_own or not await moves.give_back(cart_id, note=CartNote.TAKEN_BACK):
        raise NotFound(_("That cart is not being paid for any more."))
