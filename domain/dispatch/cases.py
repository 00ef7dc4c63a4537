"""Cases about orders: what the shop cannot know by itself, laid before a person."""

import json
from collections.abc import Mapping

from domain.clock import now
from models.database import fetch
from models.dispatch import CaseKind


async def open_case(kind: CaseKind, cause: str, summary: str, evidence: Mapping[str, str | int | None]) -> None:
    """Open a case once for its cause, in the running transaction.

    `summary` is a word that is put into a sentence where it is shown; `evidence` holds no personal data.
    """
    await fetch(
        "INSERT INTO cases (kind, cause, summary, evidence, opened_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (cause) DO NOTHING",
        kind,
        cause,
        summary,
        json.dumps(evidence),
        now(),
    )


async def close_case(cause: str) -> None:
    """Close a case, should there be one, that the provider's own answer has decided."""
    await fetch("UPDATE cases SET state = 'decided', decided_at = $2 WHERE cause = $1 AND state = 'open'", cause, now())


def unsent_cause(order_id: int) -> str:
    """The cause of the case about an order that no provider takes."""
    return f"order:{order_id}:unsent"


def refund_cause(dispatch_id: int) -> str:
    """The cause of the case about a partial delivery whose refund a person decides."""
    return f"dispatch:{dispatch_id}:partial"
