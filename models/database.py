"""The few database calls that Piccolo's query builder has no words for; every one joins the running transaction."""

import contextlib
from collections.abc import AsyncIterator
from functools import cache
from typing import Any, cast

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries
from piccolo.engine import engine_finder

from models.engine import Isolation, ShopEngine, ShopTransaction


@cache
def engine() -> ShopEngine:
    """The one engine of this process, as piccolo_conf.py made it."""
    return cast(ShopEngine, engine_finder())


@contextlib.asynccontextmanager
async def pool() -> AsyncIterator[None]:
    """A running pool: the one that is there already, or one until the block ends."""
    if engine().pool is not None:
        yield
        return
    await engine().start_connection_pool()
    try:
        yield
    finally:
        await engine().close_connection_pool()


def transaction(*, isolation: Isolation | None = None, read_only: bool = False) -> ShopTransaction:
    """Open a transaction; inside another one this is a savepoint."""
    return engine().transaction(isolation=isolation, read_only=read_only)


async def fetch(sql: str, *values: object) -> list[asyncpg.Record]:
    """Run one statement with `$1`-style parameters and return its rows."""
    running = engine().current_transaction.get()
    if running is not None:
        return cast(list[asyncpg.Record], await running.connection.fetch(sql, *values))
    connections = engine().pool
    if connections is None:
        raise RuntimeError("The connection pool is not running.")
    return cast(list[asyncpg.Record], await connections.fetch(sql, *values))


async def fetch_one(sql: str, *values: object) -> asyncpg.Record | None:
    rows = await fetch(sql, *values)
    return rows[0] if rows else None


async def fetch_value(sql: str, *values: object) -> Any:
    """The first column of the first row, or None when there is no row."""
    row = await fetch_one(sql, *values)
    return row[0] if row else None


async def notify(channel: str, payload: str = "") -> None:
    """Tell every listening process, when and only when the transaction commits."""
    await fetch("SELECT pg_notify($1, $2)", channel, payload)


async def enqueue(entrypoints: list[str], payloads: list[bytes]) -> None:
    """Queue jobs for the worker on the running transaction's own connection, so that they commit or vanish with it."""
    running = engine().current_transaction.get()
    if running is None:
        raise RuntimeError("A job is enqueued in the transaction of the change that needs it.")
    queue = Queries(AsyncpgDriver(running.connection))
    await queue.enqueue(entrypoints, list(payloads), [0] * len(entrypoints))


async def run_script(sql: str) -> None:
    """Run several statements without parameters, for migrations."""
    running = engine().current_transaction.get()
    if running is None:
        raise RuntimeError("A script runs in a transaction, whole or not at all.")
    await running.connection.execute(sql)
