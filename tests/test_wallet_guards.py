"""What PostgreSQL itself refuses of the ledger, whoever writes to it."""

import asyncpg
import pytest

from domain import wallet
from domain.money import UNIT
from models.database import fetch, fetch_value, transaction
from tests.factories import make_account


async def fill(account_id: int, amount: int) -> None:
    await wallet.top_up(
        account_id, amount=amount, processor="cardlink", cause="payment:1:top_up", reference="P1", currency="USD"
    )


async def check_at_every_statement() -> None:
    """Deferred checks run now and after each statement from here on, instead of at COMMIT."""
    await fetch("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transactions"])
@pytest.mark.parametrize("change", ["UPDATE {} SET happened_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_database_refuses_to_change_what_was_posted(table: str, change: str) -> None:
    account = await make_account()
    await fill(account.id, UNIT)
    await check_at_every_statement()

    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        async with transaction():
            await fetch(change.format(table))

    assert await wallet.balance(account.id, currency="USD") == UNIT
    assert await fetch_value("SELECT count(*) FROM ledger_entries") == 2


# One adjustment with these entries, each on an account of the shop's own.
ADJUST = """
WITH t AS (
    INSERT INTO ledger_transactions (cause, kind, happened_at) VALUES ('by hand', 'adjustment', now()) RETURNING id
)
INSERT INTO ledger_entries (transaction, account, amount, currency, happened_at)
SELECT t.id, a.id, v.amount, v.currency, now()
  FROM t, ledger_accounts a, unnest($1::bigint[], $2::text[]) v (amount, currency) WHERE a.kind = 'revenue'
"""


@pytest.mark.parametrize(
    ("amounts", "currencies"),
    [([], []), ([0], ["USD"]), ([5], ["USD"]), ([5, -4], ["USD", "USD"]), ([5, -5], ["USD", "EUR"])],
)
async def test_database_refuses_a_transaction_without_two_sides_that_sum_to_zero(
    amounts: list[int], currencies: list[str]
) -> None:
    await fill((await make_account()).id, UNIT)
    await check_at_every_statement()

    with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
        async with transaction():
            await fetch(ADJUST, amounts, currencies)


@pytest.mark.parametrize(
    ("amounts", "currencies"), [([5, -5], ["USD"] * 2), ([5, -5, 0, 0], ["USD"] * 2 + ["EUR"] * 2)]
)
async def test_database_takes_a_transaction_with_two_sides(amounts: list[int], currencies: list[str]) -> None:
    await fill((await make_account()).id, UNIT)
    await check_at_every_statement()

    await fetch(ADJUST, amounts, currencies)

    assert await fetch_value("SELECT count(*) FROM ledger_transactions WHERE cause = 'by hand'") == 1


async def test_database_refuses_entries_that_join_a_posted_transaction_even_when_they_sum_to_zero() -> None:
    await fill((await make_account()).id, UNIT)

    with pytest.raises(asyncpg.RestrictViolationError, match="no entries after its first"):
        async with transaction():
            await fetch(
                "INSERT INTO ledger_entries (transaction, account, amount, currency, happened_at) "
                "SELECT e.transaction, e.account, v.amount, e.currency, now() FROM ledger_entries e, "
                "       (VALUES (5), (-5)) v (amount) WHERE e.version IS NULL"
            )


async def test_database_refuses_an_overdraft_whoever_writes_it() -> None:
    account = await make_account()
    await fill(account.id, UNIT)

    with pytest.raises(asyncpg.CheckViolationError, match="never_overdrawn"):
        async with transaction():
            await fetch("UPDATE ledger_accounts SET balance = -1 WHERE owner = $1", account.id)
