"""Notifications: what a processor tells us is stored first and believed never; it only asks for a check."""

import json

import structlog

from domain.clock import now
from domain.jobs import Job, enqueue
from domain.payments.processors import Tidings, Told
from models.database import fetch, fetch_one, transaction
from models.payments import PaymentState

log = structlog.get_logger("payments")

# The sender can be the customer, who may vary what the signature does not cover: more rows than this tell nothing new.
ROWS_PER_PAYMENT = 50

_FIND = "SELECT id, state FROM payments WHERE processor = $1 AND code = $2"
_STORE = """
INSERT INTO notifications (processor, dedupe_key, kind, payment, fields, body_sha256, received_at)
SELECT $1::text, $2::text, $3, $4::bigint, $5, $6, $7
 WHERE (SELECT count(*) FROM notifications WHERE payment = $4) < $8
    OR EXISTS (SELECT FROM notifications WHERE processor = $1::text AND dedupe_key = $2::text)
ON CONFLICT (processor, dedupe_key) DO UPDATE SET deliveries = notifications.deliveries + 1
"""


async def record(processor: str, told: Told) -> None:
    """Store what was told, once for each body, and have the payment checked while anything can still change.

    A duplicate is no dead end: it asks for a check like the first one. What names no payment of ours is not kept.
    """
    async with transaction():
        payment = await fetch_one(_FIND, processor, told.code)
        if payment is None:
            log.warning("notification_of_no_payment", processor=processor, kind=told.kind)
            return
        fields = json.dumps(dict(told.fields))
        await fetch(
            _STORE, processor, told.dedupe_key, told.kind, payment["id"], fields, told.body_sha256, now(),
            ROWS_PER_PAYMENT,
        )  # fmt: skip
        if told.kind is not Tidings.PAYMENT or PaymentState(payment["state"]) in _UNSETTLED:
            await _wake(payment["id"])


_UNSETTLED = (*PaymentState.open_states(), *PaymentState.soft_final_states())


async def _wake(payment_id: int) -> None:
    """Ask for a check now; one that is under way has perhaps not seen what this tells."""
    await fetch("UPDATE payments SET next_check_at = $2 WHERE id = $1", payment_id, now())
    await enqueue(Job.CHECK_PAYMENT, payment_id)
