"""How bills, payments and refunds look in the API's JSON: money as exact JSON numbers, times in UTC."""

from datetime import UTC, datetime
from typing import Any

from sandbox.cardlink import returns
from sandbox.cardlink.bills import Bill
from sandbox.cardlink.payments import PAYER, Payment
from sandbox.cardlink.returns import Chargeback, Refund
from sandbox.world import World

Shape = dict[str, Any]


def bill_shape(bill: Bill) -> Shape:
    return {
        "id": bill.id,
        "order_id": bill.order_id or None,
        "active": bill.active,
        "status": bill.status if bill.kind == "normal" else "NEW",
        "amount": bill.amount,
        "type": bill.kind.upper(),
        "created_at": when(bill.created_at),
        "currency_in": bill.currency,
        "ttl": bill.ttl,
    }


def payment_shape(world: World, payment: Payment) -> Shape:
    return {
        "id": payment.id,
        "bill_id": payment.bill_id,
        "status": payment.status,
        "amount": payment.amount,
        "commission": payment.commission,
        "account_amount": payment.amount - payment.commission,
        "account_currency_code": payment.currency,
        "refunded_amount": returns.refunded(world, payment),
        "from_card": payment.card,
        "account_bank": "Sandbox Bank",
        "currency_in": payment.currency,
        "created_at": when(payment.created_at),
        "payer_name": payment.payer_name,
        "payer_email": PAYER["email"],
        "payer_phone": PAYER["phone"],
        "payer_comment": PAYER["comment"],
        "error_code": payment.error_code,
        "error_message": payment.error_message,
    }


def refund_shape(refund: Refund | Chargeback) -> Shape:
    return {
        "id": refund.id,
        "status": refund.status,
        "amount": refund.amount,
        "currency": refund.currency,
        "entity_type": "payment",
        "entity_id": refund.payment_id,
        "created_at": when(refund.created_at),
    }


def when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
