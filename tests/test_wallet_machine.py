"""The wallet beside a plain-Python twin: whatever happens, in whatever order, both have the same books."""

import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain import wallet
from domain.money import UNIT
from domain.wallet import AlreadyPosted, Charge, InsufficientFunds, StatementPart
from models.database import fetch, transaction
from tests.factories import make_account

T = TypeVar("T")
CUSTOMERS = st.integers(0, 2)
AMOUNTS = st.sampled_from([0, 1, UNIT // 3, UNIT, 10 * UNIT]) | st.integers(0, 3 * UNIT)
NUMBERS = st.integers(0, 9)  # few, so that causes repeat
USD = {"currency": "USD"}


@dataclass
class Twin:
    """A wallet as anybody would write it without a database."""

    causes: set[str] = field(default_factory=set)
    entries: dict[int, list[int]] = field(default_factory=lambda: {0: [], 1: [], 2: []})

    def post(self, customer: int, changes: dict[str, int]) -> type[Exception] | None:
        """Apply all changes or none, and say which error there must be."""
        if self.balance(customer) + sum(changes.values()) < 0:
            return InsufficientFunds
        if self.causes & changes.keys():
            return AlreadyPosted
        self.causes |= changes.keys()
        self.entries[customer] += changes.values()
        return None

    def balance(self, customer: int) -> int:
        return sum(self.entries[customer])


class WalletMachine(RuleBasedStateMachine):
    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        super().__init__()
        self.run = run
        self.twin = Twin()
        self.example = transaction()

    @initialize()
    def open(self) -> None:
        self.run(self.example.__aenter__())
        self.accounts = [self.run(make_account()).id for _number in range(3)]
        for account_id in self.accounts:
            # A wallet exists from the first payment on, and a charge needs one.
            self.run(wallet.top_up(account_id, amount=0, processor="sandbox", cause=f"open:{account_id}", **REFERENCE))
        for entries in self.twin.entries.values():
            entries.append(0)

    @rule(customer=CUSTOMERS, amount=AMOUNTS, number=NUMBERS)
    def top_up(self, customer: int, amount: int, number: int) -> None:
        cause = f"payment:{number}:top_up"
        call = wallet.top_up(self.accounts[customer], amount=amount, processor="sandbox", cause=cause, **REFERENCE)
        self.expect(self.twin.post(customer, {cause: amount}), call)

    @rule(customer=CUSTOMERS, amounts=st.dictionaries(NUMBERS, AMOUNTS, min_size=1, max_size=4))
    def charge(self, customer: int, amounts: dict[int, int]) -> None:
        charges = [Charge(f"order:{number}:charge", "A", amount) for number, amount in amounts.items()]
        call = wallet.charge(self.accounts[customer], charges, **USD)
        self.expect(self.twin.post(customer, {line.cause: -line.amount for line in charges}), call)

    @rule(customer=CUSTOMERS, amount=AMOUNTS, number=NUMBERS)
    def refund(self, customer: int, amount: int, number: int) -> None:
        cause = f"order:{number}:refund"
        call = wallet.refund(self.accounts[customer], amount=amount, cause=cause, **REFERENCE)
        self.expect(self.twin.post(customer, {cause: amount}), call)

    @rule(customer=CUSTOMERS, amount=AMOUNTS, number=NUMBERS, sign=st.sampled_from([1, -1]))
    def adjust(self, customer: int, amount: int, number: int, sign: int) -> None:
        cause = f"case:{number}:adjustment"
        call = wallet.adjust(self.accounts[customer], amount=sign * amount, cause=cause, **REFERENCE)
        self.expect(self.twin.post(customer, {cause: sign * amount}), call)

    def expect(self, error: type[Exception] | None, call: Coroutine[Any, Any, None]) -> None:
        async def act() -> None:
            async with transaction():
                await call

        with pytest.raises(error) if error else contextlib.nullcontext():
            self.run(act())

    @invariant()
    def books_agree(self) -> None:
        for customer, account_id in enumerate(getattr(self, "accounts", [])):
            amounts = self.run(list_amounts(account_id))
            assert amounts == self.twin.entries[customer]
            assert self.run(wallet.balance(account_id, **USD)) == self.twin.balance(customer)

    @invariant()
    def books_add_up(self) -> None:
        self.run(fetch("SET CONSTRAINTS ALL IMMEDIATE"))
        self.run(fetch("SET CONSTRAINTS ALL DEFERRED"))
        assert self.run(wallet.check_ledger()) == []

    def teardown(self) -> None:
        if hasattr(self, "accounts"):
            self.run(self.example.rollback())
            self.run(self.example.__aexit__(None, None, None))


async def list_amounts(account_id: int) -> list[int]:
    """The statement, the oldest entry first."""
    chunks = wallet.walk_statement(account_id, currency="USD", part=StatementPart.ALL)
    return [line.amount async for lines in chunks for line in lines][::-1]


REFERENCE = {"reference": "A", "currency": "USD"}


@pytest.mark.commits
def test_wallet_agrees_with_its_twin_after_every_step(run: Callable[[Coroutine[Any, Any, T]], T]) -> None:
    bounds = settings(max_examples=25, stateful_step_count=20, deadline=None)

    # Any callable that makes a machine will do, whatever its annotation says.
    run_state_machine_as_test(lambda: WalletMachine(run), settings=bounds)  # type: ignore[arg-type]
