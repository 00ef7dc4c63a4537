"""Cases about orders: what the shop cannot know by itself, laid before a person."""

import json
from collections.abc import Mapping

from domain.clock import now
from models.database import fetch
from models.dispatch import CaseKind


async def open_case(kind: CaseKind, cause: str, summary: str, evidence: Mapping[str, str | int | None]) -> None:
    """Open a case once for its cause, in the running transaction. `evidence` holds no personal data."""
    await fetch(
        "INSERT INTO cases (kind, cause, summary, evidence, opened_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (cause) DO NOTHING",
        kind,
        cause,
        summary,
        json.dumps(evidence),
        now(),
    )


async def close_case(cause: str, decision: str) -> None:
    """Close a case that the provider's own answer has decided."""
    await fetch(
        "UPDATE cases SET state = 'decided', decision = $2, decided_at = $3 WHERE cause = $1 AND state = 'open'",
        cause,
        decision,
        now(),
    )
