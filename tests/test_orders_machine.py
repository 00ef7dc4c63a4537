"""An order beside a plain-Python twin: whatever a provider does, in whatever order, both agree on state and money."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as check_machine

from domain import orders, wallet
from domain.dispatch import sending
from domain.dispatch.follow_up import follow_up
from domain.dispatch.outcomes import record_accepted
from domain.dispatch.providers import (
    Accepted,
    Balance,
    NotSent,
    OfferedService,
    OrderRequest,
    ProviderError,
    Reason,
    Rejected,
    ReportedState,
    StatusError,
    StatusReport,
    UnknownOutcome,
)
from domain.dispatch.starting import Attempt, start
from domain.orders import MOVES, PlacedOrder
from models.accounts import Account
from models.database import fetch, transaction
from models.orders import OrderState
from tests.dispatching import make_desk, make_due, row_of
from tests.factories import make_account, make_provider, make_provider_service, make_service
from tests.ordering import place_order

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, Any]], Any]

RUNNING = {"pending", "in_progress", "processing"}
FINAL = {"completed", "partial", "canceled"}
QUANTITY = 1000

WHICH = st.integers(0, 1)
# Most orders are taken: what follows is the longer story.
ENDINGS = st.sampled_from(["accepted"] * 6 + ["order", "service", "active_link", "provider", "not_sent", "unknown"])
WORDS = st.sampled_from([*ReportedState, ReportedState.PARTIAL, ReportedState.PARTIAL, None])
REMAINS = st.sampled_from([None, -5, 0, 1, 333, 999, 1000, 5000])
REPORTS = st.lists(st.tuples(WORDS, REMAINS), min_size=1, max_size=4)


@dataclass
class Twin:
    """An order as anybody would write it without a database."""

    charge: int
    state: str = "placed"
    refunded: int = 0
    is_under_way: bool = False  # a worker started an attempt and died

    def send(self, ending: str) -> None:
        if self.state != "placed" or self.is_under_way:
            return
        if ending == "accepted":
            self.state = "pending"
        elif ending == "unknown":
            self.state = "parked"
        elif ending in {"order", "service"}:
            self.end("canceled", None)

    def report(self, word: str | None, remains: int | None) -> None:
        if self.state not in RUNNING | FINAL or word is None:
            return
        if self.state in RUNNING and word in RUNNING:
            self.state = word
        elif self.state in RUNNING or (self.state, word) in {
            ("completed", "partial"),
            ("completed", "canceled"),
            ("partial", "partial"),
            ("partial", "canceled"),
        }:
            self.end(word, remains)

    def end(self, state: str, remains: int | None) -> None:
        self.state = state
        if state == "canceled":
            self.refunded = self.charge
        elif state == "partial" and remains is not None:
            undelivered = min(max(remains, 0), QUANTITY)
            self.refunded = max(self.refunded, self.charge * undelivered // QUANTITY)


@dataclass
class ScriptedProvider:
    """A provider that does as it is told and remembers what it may have taken."""

    ending: str = "accepted"
    reports: dict[str, StatusReport | StatusError] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)

    async def add_order(self, request: OrderRequest) -> Accepted:
        endings: dict[str, ProviderError] = {
            "not_sent": NotSent("nobody there"),
            "unknown": UnknownOutcome("no answer"),
            **{reason: Rejected(f"no: {reason}", reason=reason) for reason in Reason},
        }
        if self.ending in {"accepted", "unknown"}:
            self.taken.append(request.link)
        if self.ending in endings:
            raise endings[self.ending]
        return Accepted(f"id of {request.link}")

    async def list_statuses(self, external_ids: Sequence[str]) -> Mapping[str, StatusReport | StatusError]:
        return {number: self.reports[number] for number in external_ids if number in self.reports}

    async def list_services(self) -> Sequence[OfferedService]:
        raise NotImplementedError

    async def find_balance(self) -> Balance:
        raise NotImplementedError


class OrderMachine(RuleBasedStateMachine):
    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.provider = ScriptedProvider()
        self.desk = make_desk(scripted=self.provider)
        self.placed: list[PlacedOrder] = []
        self.twins: list[Twin] = []
        self.attempts: dict[int, Attempt] = {}
        self.example = transaction()

    @initialize()
    def open(self) -> None:
        self.run(self.example.__aenter__())
        self.account: Account = self.run(make_account())
        self.service = self.run(make_service())
        self.run(self._carry())
        self.place(10**9)
        self.send(0, "accepted")

    async def _carry(self) -> None:
        await make_provider_service(await make_provider("scripted"), self.service)

    @rule(charge=st.integers(10**8, 10**17))
    @precondition(lambda self: len(self.placed) < 2)
    def place(self, charge: int) -> None:
        order = self.run(place_order(self.account, self.service, quantity=QUANTITY, charge=charge))
        self.placed.append(order)
        self.twins.append(Twin(order.charge))

    @rule(which=WHICH, ending=ENDINGS)
    def send(self, which: int, ending: str) -> None:
        if which < len(self.placed):
            self.provider.ending = ending
            self.run(fetch("UPDATE providers SET healthy = true, trouble = ''"))
            self.run(sending.send(self.placed[which].id, self.desk))
            self.twins[which].send(ending)

    @rule(which=WHICH)
    def die_while_sending(self, which: int) -> None:
        if which < len(self.placed):
            self.run(fetch("UPDATE providers SET healthy = true, trouble = ''"))
            attempt = self.run(start(self.placed[which].id, self.desk))
            twin = self.twins[which]
            assert (attempt is not None) == (twin.state == "placed" and not twin.is_under_way)
            if attempt is not None:
                self.provider.taken.append(attempt.request.link)
                self.attempts[which] = attempt
                twin.is_under_way = True

    @rule()
    def let_leases_run_out(self) -> None:
        self.run(fetch("UPDATE dispatches SET started_at = started_at - $1::interval", timedelta(hours=1)))
        self.run(sending.park_lost())
        for twin in self.twins:
            if twin.is_under_way:
                twin.state, twin.is_under_way = "parked", False

    @rule(which=WHICH)
    def answer_late(self, which: int) -> None:
        attempt = self.attempts.pop(which, None)
        if attempt is not None:
            self.run(record_accepted(attempt, f"id of {attempt.request.link}", self.desk))
            self.twins[which].state, self.twins[which].is_under_way = "pending", False

    @rule(which=WHICH, said=REPORTS)
    @precondition(lambda self: self.reported())
    def report(self, which: int, said: list[tuple[ReportedState | None, int | None]]) -> None:
        order, twin = self.reported()[which % len(self.reported())]
        link = self.run(row_of(order))["link"]
        for word, remains in said:
            report = StatusReport(state=word, word=word or "Odd", start_count=7, remains=remains, cost=None)
            self.provider.reports = {f"id of {link}": report}
            self.run(make_due(order))
            self.run(follow_up(self.desk))
            twin.report(word, remains)
            self.states_and_refunds_agree()

    def reported(self) -> list[tuple[PlacedOrder, Twin]]:
        """The orders that their provider has, or had."""
        pairs = zip(self.placed, self.twins, strict=True)
        return [(order, twin) for order, twin in pairs if twin.state in RUNNING | FINAL]

    @invariant()
    def states_and_refunds_agree(self) -> None:
        for order, twin in zip(self.placed, self.twins, strict=True):
            row = self.run(row_of(order))
            assert (row["state"], row["refunded"]) == (twin.state, twin.refunded)
            states = [event.state for event in self.run(orders.list_events(order.id))][::-1]
            assert states[-1] == twin.state
            for before, after in pairwise(states):
                assert after in MOVES[OrderState(before)]

    @invariant()
    def wallet_holds_the_refunds(self) -> None:
        if self.placed:
            balance = self.run(wallet.balance(self.account.id, currency="USD"))
            assert balance == sum(twin.refunded for twin in self.twins)
            assert self.run(wallet.check_ledger()) == []

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        assert len(self.provider.taken) == len(set(self.provider.taken))

    def teardown(self) -> None:
        if hasattr(self, "account"):
            self.run(self.example.rollback())
            self.run(self.example.__aexit__(None, None, None))


@pytest.mark.commits
def test_order_agrees_with_its_twin_after_every_step(run: Run) -> None:
    bounds = settings(max_examples=40, stateful_step_count=25, deadline=None)

    # Any callable that makes a machine will do, whatever its annotation says.
    check_machine(lambda: OrderMachine(run), settings=bounds)  # type: ignore[arg-type]
