"""Following orders up: those due are claimed, their providers asked in batches, and each answer applied."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby

import structlog

from domain.clock import now
from domain.dispatch.desk import Desk
from domain.dispatch.health import note_success, note_trouble
from domain.dispatch.providers import ProviderDown, StatusError, StatusReport
from domain.dispatch.reports import Check, apply
from models.catalog import Trouble
from models.database import fetch

log = structlog.get_logger("follow_up")

BATCH = 100  # as many as one status call may ask for (API v2 contract, chapter 2)
CLAIMED_FOR = timedelta(minutes=2)  # should this worker die, another one asks after that
PROVIDER_PAUSE = timedelta(minutes=1)

# Two workers never claim the same order, and neither waits for the other.
_CLAIM = """
WITH due AS (
    SELECT id FROM orders
     WHERE next_check_at <= $1 AND state IN ('pending', 'in_progress', 'processing', 'completed', 'partial')
     ORDER BY next_check_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
), claimed AS (
    UPDATE orders SET next_check_at = $2 FROM due WHERE orders.id = due.id RETURNING orders.id
)
SELECT claimed.id AS order_id, d.id AS dispatch_id, d.provider AS provider_id, p.key AS provider_key, d.external_id,
       d.started_at AS sent_at
  FROM claimed JOIN dispatches d ON d."order" = claimed.id AND d.state = 'accepted'
  JOIN providers p ON p.id = d.provider
 ORDER BY d.provider
"""


async def follow_up(desk: Desk) -> int:
    """Ask about every order that is due and say how many those were."""
    number = 0
    while checks := await _claim():
        number += len(checks)
        for key, group in groupby(checks, key=lambda check: check.provider_key):
            if key in desk.providers:
                await _ask(list(group), desk)
    return number


async def _claim() -> list[Check]:
    moment = now()
    return [Check(**row) for row in await fetch(_CLAIM, moment, moment + CLAIMED_FOR, BATCH)]


async def _ask(checks: Sequence[Check], desk: Desk) -> None:
    provider_id = checks[0].provider_id
    try:
        answers = await desk.providers[checks[0].provider_key].list_statuses([check.external_id for check in checks])
    except ProviderDown as error:
        await note_trouble(provider_id, Trouble.READING, str(error))
        await _ask_later(checks)
        return
    await note_success(provider_id, Trouble.READING)
    await _apply_all(checks, answers, desk)


async def _ask_later(checks: Sequence[Check]) -> None:
    """A provider that cannot answer changes no order."""
    order_ids = [check.order_id for check in checks]
    await fetch("UPDATE orders SET next_check_at = $2 WHERE id = ANY ($1)", order_ids, now() + PROVIDER_PAUSE)


async def _apply_all(checks: Sequence[Check], answers: Mapping[str, StatusReport | StatusError], desk: Desk) -> None:
    for check in checks:
        try:
            await apply(check, answers.get(check.external_id), desk)
        except Exception:
            # One order that cannot be brought forward must not keep the others of its batch waiting.
            log.exception("follow_up.failed", order_id=check.order_id)
