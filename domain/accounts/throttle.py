"""Throttling: who tries too often waits, longer each time, counted in the database before any costly work."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import digest
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from domain.clock import now
from domain.errors import Busy
from domain.i18n import gettext as _
from domain.i18n import ngettext
from models.accounts import Throttle
from models.database import fetch, fetch_value, transaction

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many tries at once, then a wait that doubles with each further one. Seconds."""

    free: int
    first: float
    longest: float
    # A limit that anybody can use up for somebody else must only slow down, or strangers could lock people out.
    refuses: bool = True

    def wait_after(self, attempts: int) -> float:
        if attempts < self.free:
            return 0
        return min(self.longest, self.first * 2.0 ** min(attempts - self.free, 30))


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that is counted, under a key that says what was done but not by whom."""

    key: str
    limit: Limit


def count(deed: str, *whom: str, limit: Limit, secret_key: str) -> Count:
    """Count a deed for somebody. Names and addresses enter the database only as part of a keyed hash."""
    who = digest(secret_key.encode(), "\n".join(("throttle", deed, *whom)).encode(), "sha256").hex()
    return Count(f"{deed}:{who}", limit)


def network_of(address: str) -> str:
    """What one customer of a network provider holds: an IPv4 address, or the first 64 bits of an IPv6 one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))
    return str(ip)


# In the order of their keys, so that two requests never wait for each other's rows.
_SPEND = """
INSERT INTO throttles AS t (key, attempts, last_attempt_at)
SELECT key, 1, $2 FROM unnest($1::text[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE
   SET attempts = CASE WHEN t.last_attempt_at < $3 THEN 1 ELSE t.attempts + 1 END, last_attempt_at = $2
 WHERE t.blocked_until IS NULL OR t.blocked_until <= $2
RETURNING key, attempts
"""

_BLOCK = """
UPDATE throttles AS t SET blocked_until = w.until
  FROM unnest($1::text[], $2::timestamptz[]) AS w (key, until) WHERE t.key = w.key
"""


async def spend(*counts: Count) -> float:
    """Count one try for each, and answer how many seconds to pause before the work. Raises Busy.

    The try is counted before it is known how it ends, so a hundred at the same time are a hundred. While one of the
    counts has to wait nothing is counted at all: who keeps pressing the button does not wait longer for it.
    """
    moment = now()
    keys = [counted.key for counted in counts]
    async with transaction():
        rows = await fetch(_SPEND, keys, moment, moment - FORGOTTEN_AFTER)
        attempts = {row["key"]: row["attempts"] for row in rows}
        if len(attempts) < len(keys):
            raise await _busy(keys, moment)
        waits = {counted.key: counted.limit.wait_after(attempts[counted.key]) for counted in counts}
        blocks = {counted.key: waits[counted.key] for counted in counts if counted.limit.refuses}
        await fetch(_BLOCK, list(blocks), [moment + timedelta(seconds=wait) for wait in blocks.values()])
    return max((waits[counted.key] for counted in counts if not counted.limit.refuses), default=0)


async def _busy(keys: list[str], moment: datetime) -> Busy:
    until = await fetch_value("SELECT max(blocked_until) FROM throttles WHERE key = ANY($1::text[])", keys)
    seconds = max(1, ceil((until - moment).total_seconds()))
    return Busy(_("That was tried too often.") + " " + _when_to_come_back(seconds), seconds=seconds)


def _when_to_come_back(seconds: int) -> str:
    if seconds <= 90:
        text = ngettext("Try again in %(count)s second.", "Try again in %(count)s seconds.", seconds)
        return text % {"count": seconds}
    minutes = ceil(seconds / 60)
    return ngettext("Try again in %(count)s minute.", "Try again in %(count)s minutes.", minutes) % {"count": minutes}


_GIVE_BACK = """
UPDATE throttles SET attempts = greatest(attempts - 1, 0), blocked_until = NULL WHERE key = ANY($1::text[])
"""


async def give_back(*counts: Count) -> None:
    """Undo one `spend` that turned out to be honest."""
    await fetch(_GIVE_BACK, [counted.key for counted in counts])


async def forget(*counts: Count) -> None:
    """Begin again at nothing."""
    await Throttle.delete().where(Throttle.key.is_in([counted.key for counted in counts]))


async def sweep() -> None:
    """Delete what no wait depends on any more."""
    await Throttle.delete().where(Throttle.last_attempt_at < now() - FORGOTTEN_AFTER)
