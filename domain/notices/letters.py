"""The letters that the shop writes, and the queue in which they wait for the worker."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from domain import jobs
from domain.clock import now
from domain.jobs import Job
from models.database import fetch

JSON: TypeAlias = str | int | float | bool | Sequence["JSON"] | Mapping[str, "JSON"] | None

# The job that is enqueued with a letter comes much sooner; after this long the sweep takes it for lost.
JOB_LOST_AFTER = timedelta(minutes=10)


class LetterName(StrEnum):
    """Each is a folder of templates/mail."""

    CONFIRM_ADDRESS = "confirm_address"
    ALREADY_REGISTERED = "already_registered"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a letter
    PAYMENT_RECEIVED = "payment_received"
    ORDER_PLACED = "order_placed"
    ORDER_FINISHED = "order_finished"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person. `cause` names the one event it tells of, such as "order:17:completed"."""

    name: LetterName
    cause: str
    account_id: int | None
    to_address: str
    locale: str
    context: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter in words, ready to be sent."""

    subject: str
    text: str
    html: str


_QUEUE = """
INSERT INTO mail_messages (letter, cause, account, to_address, locale, context, next_attempt_at)
SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[])
ON CONFLICT (cause) DO NOTHING RETURNING id
"""


async def queue(*letters: Letter) -> None:
    """Queue letters inside the running transaction: they go out if and only if it commits.

    A letter whose cause was told before is left out, so that calling twice sends once.
    """
    rows = await fetch(
        _QUEUE,
        [letter.name for letter in letters],
        [letter.cause for letter in letters],
        [letter.account_id for letter in letters],
        [letter.to_address for letter in letters],
        [letter.locale for letter in letters],
        [json.dumps(letter.context) for letter in letters],
        now() + JOB_LOST_AFTER,
    )
    if rows:
        await jobs.enqueue(Job.SEND_MAIL, *(row["id"] for row in rows))
