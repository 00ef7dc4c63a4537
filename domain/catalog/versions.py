"""What every change of the catalogue leaves behind: a revision of each service, and a higher version for all to see."""

from collections.abc import Sequence

from domain.clock import now
from models.database import fetch, fetch_value, notify

CHANNEL = "catalog"


async def current_version() -> int:
    return int(await fetch_value("SELECT version FROM catalog_versions WHERE id = 1"))


async def announce_change() -> int:
    """Raise the version and, when the running transaction commits, tell every web process."""
    version = await fetch_value(
        "UPDATE catalog_versions SET version = version + 1, changed_at = $1 WHERE id = 1 RETURNING version", now()
    )
    await notify(CHANNEL, str(version))
    return int(version)


async def add_revisions(service_ids: Sequence[int], *, cause: str) -> None:
    """Record the services as they are now, in the transaction that changed their name, price, limits or state."""
    await fetch(
        "INSERT INTO service_revisions (service, name, rate, min_quantity, max_quantity, state, cause, changed_at)"
        " SELECT id, name, rate, min_quantity, max_quantity, state, $2, $3 FROM services WHERE id = ANY($1::bigint[])",
        service_ids,
        cause,
        now(),
    )
