"""Postbacks: what the processor tells the shop, signed, and repeated until the shop answers 200."""

import asyncio
import contextlib
import json
import sqlite3
from dataclasses import dataclass

import httpx
import structlog

from sandbox.cardlink.bills import Bill
from sandbox.cardlink.signatures import sign_payment
from sandbox.world import World

log = structlog.get_logger("sandbox.cardlink")

RETRIES = 5  # after 10, 100, 1000, 10 000 and 100 000 seconds
PAUSE = 0.2  # seconds between two looks for what is due
TIME_LIMIT = 20.0


@dataclass(frozen=True)
class Postback:
    id: int
    bill_id: str
    url: str
    fields: dict[str, str]
    attempts: int
    answer: str  # the last HTTP status, or the kind of network error
    due_at: float | None  # None: delivered or given up


def announce_payment(world: World, bill: Bill, fields: dict[str, str]) -> None:
    """Put the result of a payment into the queue, as often and as late as the faults say."""
    if world.faults.take("cardlink.no_postback") is not None:
        return
    late = world.faults.take("cardlink.late_postback")
    duplicates = world.faults.take("cardlink.duplicate_postbacks")
    delay = float(late.get("seconds", "60")) if late is not None else 0.0
    times = int(duplicates.get("times", "3")) if duplicates is not None else 1
    for _ in range(times):
        announce(world, bill, signed(world, fields), delay=delay)


def announce(world: World, bill: Bill, fields: dict[str, str], *, delay: float = 0.0) -> None:
    world.store.insert(
        "postback",
        bill_id=bill.id,
        url=world.settings.cardlink_notifications,
        fields=json.dumps(fields, ensure_ascii=False),
        due_at=world.clock.now() + delay,
    )


def signed(world: World, fields: dict[str, str]) -> dict[str, str]:
    signature = sign_payment(fields["OutSum"], fields["InvId"], token=world.settings.cardlink_token)
    return {**fields, "SignatureValue": signature}


def list_postbacks(world: World, *, bill_id: str = "") -> list[Postback]:
    """The oldest first."""
    rows = world.store.all("SELECT * FROM postback WHERE ? IN ('', bill_id) ORDER BY id", bill_id)
    return [_read(row) for row in rows]


class Courier:
    """Delivers due postbacks over one HTTP client."""

    def __init__(self, world: World, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._world = world
        self._client = httpx.AsyncClient(transport=transport, timeout=TIME_LIMIT, trust_env=False)

    async def deliver_due(self) -> int:
        """Send everything that is due now, one after the other, and say how many were sent."""
        sql = "SELECT * FROM postback WHERE due_at <= ? ORDER BY due_at, id"
        due = [_read(row) for row in self._world.store.all(sql, self._world.clock.now())]
        for postback in due:
            await self._deliver(postback)
        return len(due)

    async def send(self, url: str, fields: dict[str, str]) -> str:
        """Post a form and return the status, or the kind of network error."""
        try:
            answer = await self._client.post(url, data=fields)
        except httpx.HTTPError as error:
            return type(error).__name__
        return str(answer.status_code)

    async def run(self) -> None:
        """Deliver until the sandbox closes."""
        while not self._world.closing.is_set():
            await self.deliver_due()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._world.closing.wait(), PAUSE)

    async def close(self) -> None:
        await self._client.aclose()

    async def _deliver(self, postback: Postback) -> None:
        # Out of the queue before the call: the background run and a test's own delivery never send it twice.
        claim = "UPDATE postback SET due_at = NULL WHERE id = ? AND due_at IS NOT NULL"
        if not self._world.store.change(claim, postback.id):
            return
        answer = await self.send(postback.url, postback.fields)
        attempts = postback.attempts + 1
        wait = 10.0**attempts * self._world.settings.retry_scale
        again = answer != "200" and attempts <= RETRIES
        self._world.store.change(
            "UPDATE postback SET attempts = ?, answer = ?, due_at = ? WHERE id = ?",
            attempts,
            answer,
            self._world.clock.now() + wait if again else None,
            postback.id,
        )
        log.info("postback_sent", bill=postback.bill_id, attempt=attempts, answer=answer, again=again)


def _read(row: sqlite3.Row) -> Postback:
    return Postback(**dict(row) | {"fields": json.loads(row["fields"])})
