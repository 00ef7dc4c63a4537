"""Jobs for the worker: named here, enqueued with the change that needs them, carried out in worker.py."""

from datetime import timedelta
from enum import StrEnum

from domain.clock import now
from models.database import enqueue as enqueue_rows
from models.database import fetch

LOG_KEPT = timedelta(days=7)


class Job(StrEnum):
    """What the worker is asked to do; the payload is always the id of one row."""

    DISPATCH_ORDER = "dispatch_order"
    CHECK_PAYMENT = "check_payment"
    SETTLE_CART = "settle_cart"
    SEND_MAIL = "send_mail"


async def enqueue(job: Job, *row_ids: int) -> None:
    """Queue `job` for each row, inside the running transaction: they commit or vanish together."""
    await enqueue_rows([job] * len(row_ids), [str(row_id).encode() for row_id in row_ids])


async def sweep_log() -> None:
    """Delete what the queue's own log says of jobs a week ago: it notes each of them three times, for ever."""
    await fetch("DELETE FROM pgqueuer_log WHERE created < $1", now() - LOG_KEPT)
