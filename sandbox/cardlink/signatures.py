"""Cardlink's signatures: upper-case MD5 over values joined by colons, the API token last."""

import hashlib


def sign(*parts: str, token: str) -> str:
    return hashlib.md5(":".join((*parts, token)).encode()).hexdigest().upper()


def sign_payment(amount: str, order_id: str, *, token: str) -> str:
    """For the postback and for both browser returns: all three carry the same signature."""
    return sign(amount, order_id, token=token)


def sign_refund(amount: str, currency: str, bill_id: str, payment_id: str, refund_id: str, *, token: str) -> str:
    return sign(amount, currency, bill_id, payment_id, refund_id, token=token)


def sign_chargeback(bill_id: str, payment_id: str, chargeback_id: str, *, token: str) -> str:
    return sign(bill_id, payment_id, chargeback_id, token=token)
