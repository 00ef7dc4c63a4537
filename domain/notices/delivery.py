"""Delivery: each queued letter is claimed, handed to the mail host once, and marked with how that ended."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import structlog

from domain import jobs
from domain.clock import now
from domain.jobs import Job
from domain.notices.letters import JOB_LOST_AFTER, Letter, LetterName, RenderedLetter
from domain.notices.mailer import Mailer, MailRefused, MailUnknown, OutgoingMail
from models.database import fetch, fetch_one, fetch_value, transaction
from models.notices import MailState

log = structlog.get_logger("notices")

Render = Callable[[Letter], RenderedLetter]

# After each refusal for now the next try waits longer; after the last one the letter has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))

# Longer than the longest conversation that a mailer's time-outs allow.
CONVERSATION_ENDS_WITHIN = timedelta(minutes=15)

SWEEP_AT_MOST = 500


async def deliver(message_id: int, mailer: Mailer, render: Render) -> MailState | None:
    """Send one letter and say how that ended; None when it is not waiting any more.

    Not inside a transaction: the claim must be durable before the host hears a word. What is found `sending` later is
    from a process that died in mid-conversation, and is never sent again.
    """
    letter = await _find_queued(message_id)
    if letter is None:
        return None
    # Before the claim: a letter that cannot be written stays queued, since it was surely not sent.
    mail = _address(letter, render(letter))
    attempts = await _claim(message_id)
    if attempts is None:
        return None
    try:
        await mailer.send(mail)
    except MailRefused as refusal:
        return await _put_back(message_id, attempts, refusal)
    except MailUnknown as doubt:
        return await _close(message_id, MailState.UNKNOWN, note=str(doubt))
    return await _close(message_id, MailState.SENT)


async def sweep() -> None:
    """Ask for the letters whose next try is due or whose job was lost, and mark those whose conversation died."""
    async with transaction():
        for row in await fetch(_MARK_ABANDONED, now() - CONVERSATION_ENDS_WITHIN):
            log.error("letter.abandoned", message=row["id"])
        rows = await fetch(_FIND_DUE, now(), now() + JOB_LOST_AFTER, SWEEP_AT_MOST)
        if rows:
            await jobs.enqueue(Job.SEND_MAIL, *(row["id"] for row in rows))


_FIND_QUEUED = """
SELECT letter, cause, account, to_address, locale, context FROM mail_messages WHERE id = $1 AND state = 'queued'
"""


async def _find_queued(message_id: int) -> Letter | None:
    row = await fetch_one(_FIND_QUEUED, message_id)
    if row is None:
        return None
    name, cause, account_id, to_address, locale, context = row
    return Letter(LetterName(name), cause, account_id, to_address, locale, json.loads(context))


def _address(letter: Letter, rendered: RenderedLetter) -> OutgoingMail:
    key = sha256(letter.cause.encode()).hexdigest()[:32]
    return OutgoingMail(key=key, to_address=letter.to_address, locale=letter.locale, letter=rendered)


_CLAIM = """
UPDATE mail_messages SET state = 'sending', claimed_at = $2, attempts = attempts + 1
 WHERE id = $1 AND state = 'queued' RETURNING attempts
"""


async def _claim(message_id: int) -> int | None:
    """Take the letter for this process and count the attempt; None when another process was first."""
    attempts: int | None = await fetch_value(_CLAIM, message_id, now())
    return attempts


_PUT_BACK = """
UPDATE mail_messages SET state = 'queued', next_attempt_at = $2, note = left($3, 300)
 WHERE id = $1 AND state = 'sending'
"""


async def _put_back(message_id: int, attempts: int, refusal: MailRefused) -> MailState:
    """Let the letter wait for its next try, unless there is none."""
    if refusal.permanent or attempts > len(PAUSES):
        return await _close(message_id, MailState.FAILED, note=str(refusal))
    await fetch(_PUT_BACK, message_id, now() + PAUSES[attempts - 1], str(refusal))
    log.warning("letter.refused", message=message_id, attempts=attempts, note=str(refusal))
    return MailState.QUEUED


# Nobody needs the words any more, and the token of a link must not lie around.
_CLOSE = """
UPDATE mail_messages SET state = $2::text, sent_at = CASE WHEN $2 = 'sent' THEN $3::timestamptz END,
       note = left($4, 300), context = '{}'
 WHERE id = $1 AND state = 'sending'
"""


async def _close(message_id: int, state: MailState, *, note: str = "") -> MailState:
    await fetch(_CLOSE, message_id, state, now(), note)
    if state is not MailState.SENT:
        log.error("letter.not_sent", message=message_id, state=state, note=note)
    return state


_MARK_ABANDONED = """
UPDATE mail_messages SET state = 'unknown', note = 'The process that was sending it ended.', context = '{}'
 WHERE state = 'sending' AND claimed_at < $1 RETURNING id
"""

# The next look is moved on at once, so that a backlog is not asked for again with every sweep.
_FIND_DUE = """
UPDATE mail_messages SET next_attempt_at = $2
 WHERE id IN (SELECT id FROM mail_messages WHERE state = 'queued' AND next_attempt_at <= $1
               ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
