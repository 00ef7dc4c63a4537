"""What goes wrong with a processor, told to the operator: loud where somebody must act, quiet where time heals."""

import structlog

from domain.payments.payment import PaymentView
from domain.payments.processors import CredentialRefused, ProcessorError, ProcessorRefused

log = structlog.get_logger("payments")


def report(event: str, payment: PaymentView, problem: ProcessorError) -> None:
    """Log a processor's failure; a refused key or a refused payment is an error, silence is a warning."""
    tell = log.error if isinstance(problem, CredentialRefused | ProcessorRefused) else log.warning
    tell(event, payment=payment.code, processor=payment.processor, reason=str(problem))
