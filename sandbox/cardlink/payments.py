"""Payments: each attempt of a payer to pay a bill, and what happens to the money afterwards."""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox import money
from sandbox.cardlink import bills, postbacks
from sandbox.cardlink.bills import Bill, Missing, new_id
from sandbox.cardlink.cards import REFUSED_CODE, REFUSED_MESSAGE, TestCard
from sandbox.world import World

COMMISSION = Decimal("0.05")
PAYER = {"name": "Pat Payer", "phone": "+15555550142", "email": "payer@example.net", "comment": "Paid from my own card"}


@dataclass(frozen=True)
class Payment:
    number: int
    id: str
    bill_id: str
    status: str
    amount: Decimal
    commission: Decimal
    currency: str
    card: str
    payer_name: str
    error_code: str
    error_message: str
    created_at: float


def pay(world: World, bill: Bill, card: TestCard, *, payer_name: str = "") -> Payment | None:
    """Put a card to the bank. None when the bill can no longer be paid (a second click, another window)."""
    if not bill.is_payable() or not bills.move(world, bill, "PROCESS"):
        return None
    payment = _record(world, bill, card, payer_name)
    if card.verdict == "approve":
        return approve(world, payment)
    if card.verdict == "refuse":
        return _fail(world, payment, card.error_code, card.error_message)
    return payment


def approve(world: World, payment: Payment) -> Payment:
    """The bank pays. The bill becomes UNDERPAID or OVERPAID where a fault changed the sum."""
    bill = bills.find(world, payment.bill_id)
    amount, status = _sum_paid(world, bill)
    return _decide(world, bill, payment, status=status, amount=amount, error_code="0", error_message="Approved")


def refuse(world: World, payment: Payment) -> Payment:
    return _fail(world, payment, REFUSED_CODE, REFUSED_MESSAGE)


def find(world: World, payment_id: str) -> Payment:
    row = world.store.one("SELECT * FROM payment WHERE id = ?", payment_id)
    if row is None:
        raise Missing(payment_id)
    return _read(row)


def list_of(world: World, bill: Bill) -> list[Payment]:
    """The newest payment first."""
    rows = world.store.all("SELECT * FROM payment WHERE bill_id = ? ORDER BY number DESC", bill.id)
    return [_read(row) for row in rows]


def list_between(world: World, start: float, finish: float) -> list[Payment]:
    sql = "SELECT * FROM payment WHERE created_at BETWEEN ? AND ? ORDER BY number DESC"
    return [_read(row) for row in world.store.all(sql, start, finish)]


def _record(world: World, bill: Bill, card: TestCard, payer_name: str) -> Payment:
    payment_id = new_id()
    world.store.insert(
        "payment",
        id=payment_id,
        bill_id=bill.id,
        status="PROCESS",
        amount=str(bill.amount),
        commission=str((bill.amount * COMMISSION).quantize(money.CENT)),
        currency=bill.currency,
        card=card.masked,
        payer_name=payer_name or PAYER["name"],
        error_code="",
        error_message="",
        created_at=world.clock.now(),
    )
    return find(world, payment_id)


def _sum_paid(world: World, bill: Bill) -> tuple[Decimal, str]:
    less, more = world.faults.take("cardlink.underpaid"), world.faults.take("cardlink.overpaid")
    if less is not None:
        return money.parse(less.get("amount", "")) or bill.amount - money.CENT, "UNDERPAID"
    if more is not None:
        return money.parse(more.get("amount", "")) or bill.amount + money.CENT, "OVERPAID"
    return bill.amount, "SUCCESS"


def _fail(world: World, payment: Payment, code: str, message: str) -> Payment:
    bill = bills.find(world, payment.bill_id)
    return _decide(world, bill, payment, status="FAIL", amount=payment.amount, error_code=code, error_message=message)


def _decide(
    world: World, bill: Bill, payment: Payment, *, status: str, amount: Decimal, error_code: str, error_message: str
) -> Payment:
    """Write the bank's verdict once; a second verdict on the same payment changes nothing."""
    sql = """UPDATE payment SET status = ?, amount = ?, error_code = ?, error_message = ?
        WHERE id = ? AND status = 'PROCESS'"""
    changed = world.store.change(sql, status, str(amount), error_code, error_message, payment.id)
    decided = find(world, payment.id)
    if changed:
        bills.move(world, bill, status)
        postbacks.announce_payment(world, bill, payment_fields(bill, decided))
    return decided


def payment_fields(bill: Bill, payment: Payment) -> dict[str, str]:
    """Every documented field of the postback but the signature. A payer's commission is part of OutSum."""
    paid = payment.amount + payment.commission if bill.payer_pays_commission else payment.amount
    kept = payment.amount if bill.payer_pays_commission else payment.amount - payment.commission
    return {
        "InvId": bill.order_id,
        "OutSum": str(paid),
        "Commission": str(payment.commission),
        "TrsId": bill.id,
        "Status": payment.status,
        "CurrencyIn": bill.currency,
        "custom": bill.custom,
        "AccountType": "BANK_CARD",
        "AccountNumber": payment.card,
        "BalanceAmount": str(kept),
        "BalanceCurrency": bill.currency,
        "PayerPhone": PAYER["phone"],
        "PayerEmail": PAYER["email"],
        "PayerName": payment.payer_name,
        "PayerComment": PAYER["comment"],
        "ErrorCode": payment.error_code,
        "ErrorMessage": payment.error_message,
    }


def _read(row: sqlite3.Row) -> Payment:
    values = dict(row) | {"amount": Decimal(row["amount"]), "commission": Decimal(row["commission"])}
    return Payment(**values)
