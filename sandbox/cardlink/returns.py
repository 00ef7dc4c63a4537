"""Money that goes back: refunds and chargebacks of a payment."""

import sqlite3
from dataclasses import asdict, dataclass
from decimal import Decimal

from sandbox import money
from sandbox.cardlink import bills, payments, postbacks
from sandbox.cardlink.bills import Missing, Unprocessable, new_id
from sandbox.cardlink.payments import Payment
from sandbox.cardlink.signatures import sign_chargeback, sign_refund
from sandbox.world import World

PAID = ("SUCCESS", "OVERPAID", "UNDERPAID")


@dataclass(frozen=True)
class Refund:
    number: int
    id: str
    payment_id: str
    amount: Decimal
    currency: str
    status: str
    created_at: float


@dataclass(frozen=True)
class Chargeback:
    id: str
    payment_id: str
    amount: Decimal
    currency: str
    status: str
    created_at: float


def refund(world: World, payment: Payment, amount: Decimal | None = None) -> Refund:
    """Send money back to the payer; without an amount, all that is left. Raises Unprocessable."""
    left = payment.amount - refunded(world, payment)
    wanted = left if amount is None else amount
    if payment.status not in PAID or not 0 < wanted <= left or wanted != wanted.quantize(money.CENT):
        raise Unprocessable({"amount": "The payment has no such amount to refund."})
    refund_id = new_id()
    world.store.insert(
        "refund",
        id=refund_id,
        payment_id=payment.id,
        amount=str(wanted),
        currency=payment.currency,
        status="SUCCESS",
        created_at=world.clock.now(),
    )
    made = find_refund(world, refund_id)
    _announce_refund(world, payment, made)
    return made


def refunded(world: World, payment: Payment) -> Decimal:
    return sum((each.amount for each in refunds_of(world, payment)), Decimal(0))


def refunds_of(world: World, payment: Payment) -> list[Refund]:
    rows = world.store.all("SELECT * FROM refund WHERE payment_id = ? ORDER BY number", payment.id)
    return [_read_refund(row) for row in rows]


def find_refund(world: World, refund_id: str) -> Refund:
    row = world.store.one("SELECT * FROM refund WHERE id = ?", refund_id)
    if row is None:
        raise Missing(refund_id)
    return _read_refund(row)


def list_refunds_between(world: World, start: float, finish: float) -> list[Refund]:
    sql = "SELECT * FROM refund WHERE created_at BETWEEN ? AND ? ORDER BY number DESC"
    return [_read_refund(row) for row in world.store.all(sql, start, finish)]


def charge_back(world: World, payment: Payment) -> Chargeback:
    """The payer's bank takes the whole payment back. The callback says neither amount nor currency."""
    if chargeback_of(world, payment) is not None or payment.status not in PAID:
        raise Unprocessable({"payment_id": "The payment cannot be charged back."})
    made = Chargeback(new_id(), payment.id, payment.amount, payment.currency, "SUCCESS", world.clock.now())
    world.store.insert("chargeback", **asdict(made) | {"amount": str(made.amount)})
    _announce_chargeback(world, payment, made)
    return made


def chargeback_of(world: World, payment: Payment) -> Chargeback | None:
    row = world.store.one("SELECT * FROM chargeback WHERE payment_id = ?", payment.id)
    return Chargeback(**dict(row) | {"amount": Decimal(row["amount"])}) if row else None


def balance(world: World, currency: str) -> Decimal:
    """What the shop could draw from the processor: payments less commission, refunds and chargebacks."""
    total = Decimal(0)
    for payment in payments.list_between(world, 0, world.clock.now()):
        if payment.currency == currency and payment.status in PAID and chargeback_of(world, payment) is None:
            total += payment.amount - payment.commission - refunded(world, payment)
    return total


def _announce_refund(world: World, payment: Payment, made: Refund) -> None:
    bill, amount, token = bills.find(world, payment.bill_id), str(made.amount), world.settings.cardlink_token
    signature = sign_refund(amount, made.currency, bill.id, payment.id, made.id, token=token)
    fields = {
        "Id": made.id,
        "Amount": amount,
        "Currency": made.currency,
        "Status": made.status,
        "InvId": bill.order_id,
        "BillId": bill.id,
        "PaymentId": payment.id,
        "SignatureValue": signature,
    }
    postbacks.announce(world, bill, fields)


def _announce_chargeback(world: World, payment: Payment, made: Chargeback) -> None:
    bill = bills.find(world, payment.bill_id)
    signature = sign_chargeback(bill.id, payment.id, made.id, token=world.settings.cardlink_token)
    fields = {"Id": made.id, "Status": made.status, "InvId": bill.order_id, "BillId": bill.id, "PaymentId": payment.id}
    postbacks.announce(world, bill, {**fields, "SignatureValue": signature})


def _read_refund(row: sqlite3.Row) -> Refund:
    return Refund(**dict(row) | {"amount": Decimal(row["amount"])})
