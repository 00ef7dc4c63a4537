"""Sending orders: an intention saved, one call, an answer saved; never a second call for the same order."""

from datetime import timedelta

import structlog

from domain.clock import now
from domain.dispatch.desk import Desk
from domain.dispatch.outcomes import record_accepted, record_not_sent, record_rejected, record_unknown
from domain.dispatch.providers import NotSent, Rejected, UnknownOutcome
from domain.dispatch.starting import start
from domain.jobs import Job, enqueue
from models.database import fetch, transaction

log = structlog.get_logger("dispatch")

# Longer than any gateway waits for an answer: an attempt still open by then belongs to a worker that died.
LEASE = timedelta(seconds=45)
# What the schedule queued is not queued again before this; the job itself takes seconds.
QUEUED_FOR = timedelta(minutes=5)
BATCH = 500


async def send(order_id: int, desk: Desk) -> None:
    """Send a placed order once. Safe to call any number of times, and to be killed at any line.

    1. The attempt is committed as started. A worker that dies from here on leaves an order that `park_lost` parks.
    2. The provider is called, outside any transaction.
    3. Its answer is recorded, and the order moves on, waits or ends.
    """
    attempt = await start(order_id, desk)
    if attempt is None:
        return
    try:
        accepted = await desk.providers[attempt.provider_key].add_order(attempt.request)
    except Rejected as error:
        await record_rejected(attempt, error, desk)
    except NotSent as error:
        await record_not_sent(attempt, str(error))
    except UnknownOutcome as error:
        await record_unknown(attempt.dispatch_id, str(error), external_id=error.external_id)
    else:
        # Should the next line fail, this one still tells what the provider calls the order.
        log.info("order accepted", dispatch_id=attempt.dispatch_id, external_id=accepted.external_id)
        await record_accepted(attempt, accepted.external_id, desk)


async def park_lost() -> int:
    """Park the orders whose attempt was started and never ended, and say how many those were."""
    lost = await fetch(
        "SELECT id FROM dispatches WHERE state = 'started' AND started_at < $1 ORDER BY started_at LIMIT $2",
        now() - LEASE,
        BATCH,
    )
    for row in lost:
        await record_unknown(row["id"], "worker_stopped")
    return len(lost)


_CLAIM_DUE = """
WITH due AS (
    SELECT id FROM orders WHERE state = 'placed' AND next_check_at <= $1
     ORDER BY next_check_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE orders SET next_check_at = $2 FROM due WHERE orders.id = due.id RETURNING orders.id
"""


async def queue_due() -> int:
    """Queue the placed orders that wait for another attempt, or whose job was lost, and say how many."""
    async with transaction():
        rows = await fetch(_CLAIM_DUE, now(), now() + QUEUED_FOR, BATCH)
        if rows:
            await enqueue(Job.DISPATCH_ORDER, *(row["id"] for row in rows))
    return len(rows)
