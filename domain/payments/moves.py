"""The states of a payment: where each may move to, and the only place that moves one."""

from domain.clock import now
from models.database import fetch_one
from models.payments import PaymentNote, PaymentState

CREATED, PENDING, PROCESSING = PaymentState.open_states()
FAILED, EXPIRED = PaymentState.soft_final_states()
PAID, REVIEW = PaymentState.PAID, PaymentState.REVIEW

# Failed and expired are soft: money that the processor confirms later still counts. A late failure never takes a paid
# payment back, and from a review only a person leads on (payments contract, chapter 7.4).
MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    CREATED: frozenset({PENDING, FAILED}),
    PENDING: frozenset({PROCESSING, PAID, FAILED, EXPIRED, REVIEW}),
    PROCESSING: frozenset({PENDING, PAID, FAILED, REVIEW}),
    FAILED: frozenset({PAID, REVIEW}),
    EXPIRED: frozenset({PAID, REVIEW}),
    REVIEW: frozenset({PAID, FAILED}),
    PAID: frozenset(),
}

_MOVE = """
WITH moved AS (
    UPDATE payments
       SET state = $2::text, paid_at = CASE WHEN $2::text = 'paid' THEN $5 ELSE paid_at END,
           decided_at = CASE WHEN $6 THEN $5 ELSE decided_at END
     WHERE id = $1 AND state = ANY ($3)
    RETURNING id, code
), noted AS (
    INSERT INTO payment_events (payment, state, note, happened_at) SELECT id, $2::text, $4, $5 FROM moved
)
SELECT pg_notify('payment_' || code, $2::text) FROM moved
"""


async def move(
    payment_id: int, to: PaymentState, *, note: PaymentNote | None = None, is_decision: bool = False
) -> bool:
    """Change a payment's state, write its event and wake its page, in the running transaction.

    A decision of a person leads out of review, and nothing else does. False means that the payment may not move there
    (any more), which is no error: somebody was first.
    """
    sources = [source for source, targets in MOVES.items() if to in targets and (source is REVIEW) is is_decision]
    return await fetch_one(_MOVE, payment_id, to, sources, note or "", now(), is_decision) is not None
