"""Mismatches: what a case about a payment keeps of both sides, for the person who decides it."""

from domain.payments.payment import PaymentView
from domain.payments.processors import Truth, TruthState


def review_cause(payment_id: int) -> str:
    """The cause of the case that leads a payment out of review."""
    return f"payment:{payment_id}:review"


def reversal_cause(payment_id: int) -> str:
    """The cause of the case about money that was taken back after it was credited."""
    return f"payment:{payment_id}:reversed"


def describe(payment: PaymentView, truth: Truth) -> dict[str, str | int | None]:
    """The evidence: amounts in 10^-8, and nothing personal. `arrived` is set where it can be credited as it is."""
    return {
        "payment": payment.code,
        "amount": payment.amount,
        "currency": payment.currency,
        "reference": payment.reference,
        "told_state": truth.state,
        "told_payment": truth.code,
        "told_amount": truth.amount,
        "told_currency": truth.currency,
        "told_reference": truth.reference,
        "arrived": _find_arrived(payment, truth),
    }


def _find_arrived(payment: PaymentView, truth: Truth) -> int | None:
    """The other sum that came, in 10^-8; None where none did, where nobody knows it, or in another currency."""
    arrived = truth.amount if truth.state is TruthState.PAID else truth.arrived
    if arrived is None or truth.currency != payment.currency:
        return None
    return arrived if arrived > 0 and arrived != payment.amount else None
