"""Posting: both sides in one statement, the balance never below zero, nothing posted twice, nothing ever changed."""

import asyncio
from collections import Counter

import pytest

from domain import wallet
from domain.money import UNIT
from domain.wallet import AlreadyPosted, Charge, InsufficientFunds
from models.database import fetch, fetch_value, transaction
from tests.factories import make_account

USD = {"currency": "USD"}


async def fill(account_id: int, amount: int, cause: str = "payment:1:top_up") -> None:
    await wallet.top_up(account_id, amount=amount, processor="cardlink", cause=cause, reference="P1", **USD)


async def entries_of(account_id: int) -> list[tuple[int, int, int]]:
    rows = await fetch(
        "SELECT e.amount, e.balance_after, e.version FROM ledger_entries e JOIN ledger_accounts w ON w.id = e.account "
        "WHERE w.owner = $1 ORDER BY e.id",
        account_id,
    )
    return [(row["amount"], row["balance_after"], row["version"]) for row in rows]


async def shop_side() -> dict[str, int]:
    rows = await fetch(
        "SELECT a.kind || ':' || a.processor AS name, sum(e.amount)::bigint AS total "
        "FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account WHERE a.kind <> 'wallet' GROUP BY 1"
    )
    return {row["name"]: row["total"] for row in rows}


async def test_wallet_is_empty_before_the_first_payment() -> None:
    account = await make_account()

    assert await wallet.balance(account.id, **USD) == 0


async def test_top_up_is_owed_to_the_customer_by_the_shop_and_to_the_shop_by_the_processor() -> None:
    account = await make_account()

    await fill(account.id, 10 * UNIT)

    assert await wallet.balance(account.id, **USD) == 10 * UNIT
    assert await entries_of(account.id) == [(10 * UNIT, 10 * UNIT, 1)]
    assert await shop_side() == {"clearing:cardlink": -10 * UNIT}


async def test_adjustment_is_booked_against_an_account_of_its_own() -> None:
    account = await make_account()

    await wallet.adjust(account.id, amount=5 * UNIT, cause="gift:1", reference="Gift", **USD)
    await wallet.adjust(account.id, amount=-2 * UNIT, cause="gift:1:half_back", reference="Gift", **USD)

    assert await entries_of(account.id) == [(5 * UNIT, 5 * UNIT, 1), (-2 * UNIT, 3 * UNIT, 2)]
    assert await shop_side() == {"adjustments:": -3 * UNIT}
    with pytest.raises(InsufficientFunds):
        await wallet.adjust(account.id, amount=-4 * UNIT, cause="gift:2", reference="Gift", **USD)


async def test_charges_are_posted_together_each_with_the_balance_it_left() -> None:
    account = await make_account()
    await fill(account.id, 10 * UNIT)

    await wallet.charge(
        account.id,
        [Charge("order:1:charge", "A", UNIT), Charge("order:2:charge", "B", 3), Charge("order:3:charge", "C", 0)],
        **USD,
    )

    assert await entries_of(account.id) == [
        (10 * UNIT, 10 * UNIT, 1),
        (-UNIT, 9 * UNIT, 2),
        (-3, 9 * UNIT - 3, 3),
        (0, 9 * UNIT - 3, 4),
    ]
    assert (await shop_side())["revenue:"] == UNIT + 3


async def test_refund_comes_back_from_revenue() -> None:
    account = await make_account()
    await fill(account.id, 10 * UNIT)
    await wallet.charge(account.id, [Charge("order:1:charge", "A", 4 * UNIT)], **USD)

    await wallet.refund(account.id, amount=UNIT, cause="order:1:refund:1", reference="A", **USD)

    assert await wallet.balance(account.id, **USD) == 7 * UNIT
    assert (await shop_side())["revenue:"] == 3 * UNIT


async def test_charge_beyond_the_balance_is_refused_whole() -> None:
    account = await make_account()
    await fill(account.id, 10 * UNIT)

    with pytest.raises(InsufficientFunds):
        await wallet.charge(
            account.id, [Charge("order:1:charge", "A", 6 * UNIT), Charge("order:2:charge", "B", 5 * UNIT)], **USD
        )

    assert await entries_of(account.id) == [(10 * UNIT, 10 * UNIT, 1)]
    assert await fetch_value("SELECT count(*) FROM ledger_transactions WHERE kind = 'charge'") == 0


async def test_charge_of_the_whole_balance_leaves_exactly_nothing() -> None:
    account = await make_account()
    await fill(account.id, 10 * UNIT + 1)

    await wallet.charge(account.id, [Charge("order:1:charge", "A", 10 * UNIT + 1)], **USD)

    assert await wallet.balance(account.id, **USD) == 0


async def test_customer_without_a_wallet_has_insufficient_funds() -> None:
    account = await make_account()

    with pytest.raises(InsufficientFunds):
        await wallet.charge(account.id, [Charge("order:1:charge", "A", 0)], **USD)


async def test_charge_cannot_give_money() -> None:
    with pytest.raises(ValueError, match="refund"):
        Charge("order:1:charge", "A", -1)


async def test_nothing_to_charge_changes_nothing() -> None:
    account = await make_account()

    await wallet.charge(account.id, [], **USD)

    assert await entries_of(account.id) == []


async def test_same_cause_is_never_posted_twice() -> None:
    account = await make_account()
    await fill(account.id, 10 * UNIT)
    await wallet.charge(account.id, [Charge("order:1:charge", "A", UNIT)], **USD)
    await wallet.refund(account.id, amount=UNIT, cause="order:1:refund:1", reference="A", **USD)
    before = await entries_of(account.id)

    with pytest.raises(AlreadyPosted):
        async with transaction():
            await wallet.charge(account.id, [Charge("order:9:charge", "Z", 1), Charge("order:1:charge", "A", 1)], **USD)
    with pytest.raises(AlreadyPosted):
        async with transaction():
            await wallet.refund(account.id, amount=2 * UNIT, cause="order:1:refund:1", reference="A", **USD)
    with pytest.raises(AlreadyPosted):
        async with transaction():
            await fill(account.id, UNIT)

    assert await entries_of(account.id) == before


async def test_wallets_of_other_customers_and_currencies_are_untouched() -> None:
    alice, charlie = await make_account(), await make_account()
    await fill(alice.id, 10 * UNIT)
    await fill(charlie.id, 5 * UNIT, "payment:2:top_up")
    await wallet.top_up(
        alice.id, amount=UNIT, processor="cardlink", cause="payment:3:top_up", reference="P3", currency="EUR"
    )

    await wallet.charge(alice.id, [Charge("order:1:charge", "A", UNIT)], **USD)

    assert await wallet.balance(charlie.id, **USD) == 5 * UNIT
    assert await wallet.balance(alice.id, currency="EUR") == UNIT


@pytest.mark.parametrize("lines", [1, 40])
async def test_charge_is_one_statement_however_many_orders(lines: int) -> None:
    account = await make_account()
    await fill(account.id, 10 * UNIT)
    charges = [Charge(f"order:{number}:charge", "A", 1) for number in range(lines)]
    statements: list[str] = []
    async with transaction() as running:
        with running.connection.query_logger(lambda record: statements.append(record.query)):
            await wallet.charge(account.id, charges, **USD)
            await asyncio.sleep(0)  # the logger is called a turn of the loop later

    assert len(statements) == 1


@pytest.mark.commits
async def test_of_ten_charges_at_once_on_money_for_one_a_single_one_is_posted() -> None:
    account = await make_account()
    await fill(account.id, UNIT)

    async def charge(number: int) -> str:
        try:
            async with transaction():
                await wallet.charge(account.id, [Charge(f"order:{number}:charge", "A", UNIT)], **USD)
        except InsufficientFunds:
            return "refused"
        return "posted"

    results = Counter(await asyncio.gather(*(charge(number) for number in range(10))))

    assert results == {"posted": 1, "refused": 9}
    assert await entries_of(account.id) == [(UNIT, UNIT, 1), (-UNIT, 0, 2)]
    assert await wallet.check_ledger() == []


@pytest.mark.commits
async def test_charges_at_once_on_enough_money_leave_no_gap() -> None:
    account = await make_account()
    await fill(account.id, 100 * UNIT)

    async def charge(number: int) -> None:
        lines = [Charge(f"order:{number}:{line}:charge", "A", UNIT + line) for line in range(3)]
        async with transaction():
            await wallet.charge(account.id, lines, **USD)

    await asyncio.gather(*(charge(number) for number in range(20)))

    assert await wallet.balance(account.id, **USD) == 100 * UNIT - 20 * (3 * UNIT + 3)
    assert [version for _amount, _after, version in await entries_of(account.id)] == list(range(1, 62))
    assert await wallet.check_ledger() == []


@pytest.mark.commits
async def test_first_payments_of_many_customers_at_once_open_each_account_once() -> None:
    accounts = [await make_account() for _number in range(6)]

    async def first(number: int, account_id: int) -> None:
        async with transaction():
            await fill(account_id, UNIT, f"payment:{number}:top_up")

    await asyncio.gather(*(first(number, account.id) for number, account in enumerate(accounts * 2)))

    kinds = await fetch("SELECT kind, count(*) AS rows FROM ledger_accounts GROUP BY kind ORDER BY kind")
    assert [tuple(row) for row in kinds] == [("clearing", 1), ("revenue", 1), ("wallet", 6)]
    assert await wallet.check_ledger() == []
