"""The engine survives what Piccolo's own does not: COMMIT that fails, cancellation, and errors swallowed inside."""

import asyncio
import contextlib

import asyncpg
import pytest

from models.database import engine, enqueue, fetch, fetch_value, notify, run_script, transaction
from models.engine import connect

OPEN_CATEGORY = "INSERT INTO categories (name, platform) VALUES ($1, 'youtube')"
COUNT = "SELECT count(*) FROM categories"

# Entries that sum to something: the deferred trigger lets COMMIT itself fail.
UNBALANCED = """
WITH t AS (INSERT INTO ledger_transactions (cause, kind, happened_at) VALUES ($1, 'adjustment', now()) RETURNING id),
     a AS (INSERT INTO ledger_accounts (kind, processor, currency) VALUES ('fees', $1, 'USD') RETURNING id)
INSERT INTO ledger_entries (transaction, account, amount, currency, happened_at)
SELECT t.id, a.id, 1, 'USD', now() FROM t, a
"""


async def fail_at_commit(cause: str) -> None:
    async with transaction():
        await fetch(UNBALANCED, cause)


@pytest.mark.commits
async def test_commit_that_fails_more_often_than_the_pool_is_large_does_not_hang() -> None:
    for attempt in range(3 * engine().pool_size):
        with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
            async with asyncio.timeout(5):
                await fail_at_commit(f"attempt:{attempt}")

    assert engine().current_transaction.get() is None
    assert await asyncio.wait_for(fetch_value("SELECT count(*) FROM ledger_entries"), 5) == 0


@pytest.mark.commits
async def test_commits_that_fail_at_once_give_every_connection_back() -> None:
    attempts = (fail_at_commit(f"attempt:{number}") for number in range(4 * engine().pool_size))

    results = await asyncio.wait_for(asyncio.gather(*attempts, return_exceptions=True), 20)

    assert {type(result) for result in results} == {asyncpg.CheckViolationError}
    assert await asyncio.wait_for(fetch_value(COUNT), 5) == 0


@pytest.mark.commits
async def test_cancelled_transactions_give_every_connection_back_and_commit_nothing() -> None:
    async def hold() -> None:
        async with transaction():
            await fetch(OPEN_CATEGORY, "left behind")
            await asyncio.sleep(60)

    for _attempt in range(2 * engine().pool_size):
        task = asyncio.create_task(hold())
        await asyncio.sleep(0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    assert await asyncio.wait_for(fetch_value(COUNT), 5) == 0


@pytest.mark.commits
async def test_transaction_commits_whole_or_not_at_all() -> None:
    async with transaction():
        await fetch(OPEN_CATEGORY, "kept")
    with contextlib.suppress(ZeroDivisionError):
        async with transaction():
            await fetch(OPEN_CATEGORY, "lost")
            _ = 1 / 0

    assert [row["name"] for row in await fetch("SELECT name FROM categories")] == ["kept"]


async def test_error_swallowed_around_an_inner_transaction_undoes_only_that_one() -> None:
    await fetch(OPEN_CATEGORY, "outer")

    with contextlib.suppress(asyncpg.UniqueViolationError):
        async with transaction():
            await fetch(OPEN_CATEGORY, "inner")
            await fetch(OPEN_CATEGORY, "outer")

    assert [row["name"] for row in await fetch("SELECT name FROM categories")] == ["outer"]


@pytest.mark.commits
async def test_transaction_has_the_isolation_it_asks_for() -> None:
    async with transaction(isolation="serializable"):
        assert await fetch_value("SHOW transaction_isolation") == "serializable"
    async with transaction(isolation="repeatable_read", read_only=True):
        assert await fetch_value("SHOW transaction_isolation") == "repeatable read"
        assert await fetch_value("SHOW transaction_read_only") == "on"
    assert await fetch_value("SHOW transaction_isolation") == "read committed"


@pytest.mark.commits
async def test_notification_is_heard_only_after_the_commit() -> None:
    heard: list[str] = []
    listener = await connect(engine().dsn)
    await listener.add_listener("news", lambda *event: heard.append(event[3]))
    with contextlib.suppress(ZeroDivisionError):
        async with transaction():
            await notify("news", "never")
            _ = 1 / 0

    async with transaction():
        await notify("news", "paid")
        await listener.fetchval("SELECT 1")
        before = list(heard)
    await listener.fetchval("SELECT 1")
    await listener.close()

    assert (before, heard) == ([], ["paid"])


@pytest.mark.commits
async def test_job_and_script_need_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        await enqueue(["check_payment"], [b"1"])
    with pytest.raises(RuntimeError, match="whole or not at all"):
        await run_script("SELECT 1")
