"""Each rule of the books finds the fault that it is for; the database's own guards stand aside for it."""

import pytest

from domain import wallet
from domain.money import UNIT
from domain.wallet import Charge
from models.database import fetch
from tests.factories import make_account

PAID_ONCE = "a paid payment has one top-up of its amount, or of what a person decided"


@pytest.fixture
async def account_id() -> int:
    account = await make_account()
    await wallet.top_up(
        account.id, amount=5 * UNIT, processor="cardlink", cause="payment:0:top_up", reference="P", currency="USD"
    )
    await wallet.charge(
        account.id, [Charge("order:1:charge", "A", UNIT), Charge("order:2:charge", "B", UNIT)], currency="USD"
    )
    await fetch("SET LOCAL session_replication_role = replica")
    return account.id


async def rules_broken() -> set[str]:
    return {discrepancy.rule for discrepancy in await wallet.check_ledger()}


async def test_books_in_order_break_no_rule(account_id: int) -> None:
    assert await wallet.check_ledger() == []


async def test_lost_side_of_a_transaction_is_found(account_id: int) -> None:
    await fetch("DELETE FROM ledger_entries WHERE version IS NULL AND amount = $1", UNIT)

    found = [d.subject for d in await wallet.check_ledger() if d.rule.startswith("a transaction has two sides")]

    assert sorted(found) == ["order:1:charge", "order:2:charge"]


async def test_transaction_without_entries_is_found(account_id: int) -> None:
    await fetch("INSERT INTO ledger_transactions (cause, kind) VALUES ('nothing', 'charge')")

    assert await rules_broken() == {"a transaction has two sides that sum to zero in each currency"}


async def test_balance_that_was_written_by_hand_is_found(account_id: int) -> None:
    await fetch("UPDATE ledger_accounts SET balance = balance + 1 WHERE owner = $1", account_id)

    assert await rules_broken() == {
        "a wallet's balance is the sum of its entries",
        "a wallet's balance is what its last entry left",
    }


async def test_lost_entry_is_found_as_a_gap(account_id: int) -> None:
    await fetch("DELETE FROM ledger_entries WHERE version = 2")

    assert "a wallet's versions have no gap" in await rules_broken()
    assert "every entry leaves the balance before it plus its amount" in await rules_broken()


async def test_lost_receipt_is_found(account_id: int) -> None:
    await fetch("INSERT INTO receipt_counters (year, last_number) VALUES (2026, 1)")

    [discrepancy] = await wallet.check_ledger()

    assert (discrepancy.rule, discrepancy.subject) == ("a year's receipts have no gap", "2026")


@pytest.mark.parametrize("state", ["paid", "failed"])
async def test_payment_and_ledger_that_disagree_are_found(account_id: int, state: str) -> None:
    [row] = await fetch(
        "INSERT INTO payments (code, account, processor, state, amount, currency) "
        "VALUES ('P9', $1, 'cardlink', $2, 500000000, 'USD') RETURNING id",
        account_id,
        state,
    )
    if state == "failed":
        await fetch("UPDATE ledger_transactions SET cause = $1 WHERE kind = 'top_up'", f"payment:{row['id']}:top_up")

    [discrepancy] = await wallet.check_ledger()

    assert (discrepancy.rule, discrepancy.subject) == (PAID_ONCE, "P9")


async def test_audit_says_in_the_log_what_does_not_add_up(account_id: int, caplog: pytest.LogCaptureFixture) -> None:
    await fetch("INSERT INTO receipt_counters (year, last_number) VALUES (2026, 1)")

    await wallet.audit_ledger()

    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "a year's receipts have no gap" in caplog.text
