"""What a processor's answer means for a payment, and that acting on it happens once."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain import payments, wallet
from domain.clock import now
from domain.jobs import Job
from domain.money import UNIT
from domain.payments import MOVES, Decision, PaymentView, decide, settle
from domain.payments.processors import Truth, TruthState
from models.checkout import Cart
from models.database import fetch, fetch_value, transaction
from models.payments import PaymentNote, PaymentState
from settings import Settings
from tests.factories import make_account
from tests.paying import TEN, PayingShop, events_of, jobs, paying_shop, state_of

CREATED, PENDING, PROCESSING = PaymentState.open_states()
PAID, FAILED, EXPIRED, REVIEW = PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.REVIEW


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


def payment_in(state: PaymentState, *, minutes_left: int = 30) -> PaymentView:
    return PaymentView(
        id=17,
        code="P1",
        account_id=1,
        cart_id=None,
        processor="cardlink",
        state=state,
        amount=TEN,
        currency="USD",
        reference="B1",
        pay_url="https://processor.test/B1",
        created_at=now(),
        expires_at=now() + timedelta(minutes=minutes_left),
        paid_at=None,
        decided_at=None,
        checks=0,
    )


def truth(state: TruthState, **changes: object) -> Truth:
    base = Truth(state=state, reference="B1", code="P1", amount=TEN, currency="USD")
    return replace(base, **changes)  # type: ignore[arg-type]


def decided(state: PaymentState, said: Truth, *, minutes_left: int = 30) -> PaymentState | None:
    return decide(payment_in(state, minutes_left=minutes_left), said, moment=now()).to


@pytest.mark.parametrize(
    ("state", "said", "to"),
    [
        (PENDING, TruthState.OPEN, None),
        (PENDING, TruthState.PROCESSING, PROCESSING),
        (PENDING, TruthState.PAID, PAID),
        (PENDING, TruthState.FAILED, FAILED),
        (PENDING, TruthState.UNDERPAID, REVIEW),
        (PENDING, TruthState.OVERPAID, REVIEW),
        (PENDING, TruthState.REVERSED, REVIEW),
        (PROCESSING, TruthState.OPEN, PENDING),
        (PROCESSING, TruthState.PROCESSING, None),
        (PROCESSING, TruthState.PAID, PAID),
        (PROCESSING, TruthState.FAILED, FAILED),
        (FAILED, TruthState.PAID, PAID),
        (FAILED, TruthState.FAILED, None),
        (FAILED, TruthState.OPEN, None),
        (FAILED, TruthState.OVERPAID, REVIEW),
        (EXPIRED, TruthState.PAID, PAID),
        (EXPIRED, TruthState.FAILED, None),
        (PAID, TruthState.FAILED, None),
        (PAID, TruthState.OPEN, None),
        (PAID, TruthState.PAID, None),
        (PAID, TruthState.OVERPAID, None),
        (REVIEW, TruthState.PAID, None),
        (REVIEW, TruthState.FAILED, None),
    ],
)
def test_answer_leads_on_from_each_state(state: PaymentState, said: TruthState, to: PaymentState | None) -> None:
    assert decided(state, truth(said)) == to


@pytest.mark.parametrize(
    "change", [{"reference": "B2"}, {"code": "P2"}, {"amount": TEN - 1}, {"amount": TEN + 1}, {"currency": "EUR"}]
)
@pytest.mark.parametrize("state", [PENDING, PROCESSING, FAILED, EXPIRED])
def test_money_for_something_else_is_never_credited(state: PaymentState, change: dict[str, object]) -> None:
    decision = decide(payment_in(state), truth(TruthState.PAID, **change), moment=now())

    assert decision == Decision(REVIEW, PaymentNote.DIFFERENT, needs_a_person=True)


def test_failure_of_somebody_elses_bill_is_not_ours() -> None:
    assert decided(PENDING, truth(TruthState.FAILED, code="P2")) is None


def test_open_payment_expires_when_its_time_is_over_and_not_before() -> None:
    assert decided(PENDING, truth(TruthState.OPEN), minutes_left=1) is None
    assert decided(PENDING, truth(TruthState.OPEN), minutes_left=0) == EXPIRED
    assert decided(PROCESSING, truth(TruthState.PROCESSING), minutes_left=0) is None
    assert decided(PENDING, truth(TruthState.PAID), minutes_left=-60) == PAID


def test_money_that_was_taken_back_after_the_credit_needs_a_person() -> None:
    decision = decide(payment_in(PAID), truth(TruthState.REVERSED), moment=now())

    assert (decision.to, decision.needs_a_person) == (None, True)


@pytest.mark.parametrize("said", list(TruthState))
@pytest.mark.parametrize("state", list(PaymentState))
def test_no_answer_moves_a_payment_where_it_may_not_go(state: PaymentState, said: TruthState) -> None:
    for minutes_left in (-1, 30):
        for change in ({}, {"code": "P2"}):
            to = decided(state, truth(said, **change), minutes_left=minutes_left)
            assert to is None or to in MOVES[state]


def answer(payment: PaymentView, state: TruthState = TruthState.PAID, **changes: object) -> Truth:
    return truth(state, **{"reference": payment.reference, "code": payment.code, "amount": payment.amount, **changes})


async def test_paid_payment_is_credited_receipted_told_and_its_cart_settled(paying: PayingShop) -> None:
    alice = await make_account("alice")
    cart = await Cart.objects().create(account=alice.id)
    payment = await paying.start(alice, cart_id=cart.id)

    assert await settle(payment.id, answer(payment)) == PAID

    assert await wallet.balance(alice.id, currency="USD") == TEN
    assert await events_of(payment) == ["created", "pending", "paid"]
    [receipt] = await wallet.list_receipts(alice.id)
    assert (receipt.amount, receipt.payment_code) == (TEN, payment.code)
    [letter] = await fetch("SELECT letter, cause, to_address, context FROM mail_messages")
    assert (letter["letter"], letter["cause"]) == ("payment_received", f"payment:{payment.id}:received")
    assert letter["to_address"] == "alice@example.com"
    assert json.loads(letter["context"]) == {
        "username": "alice",
        "amount": TEN,
        "currency": "USD",
        "receipt": receipt.number,
        "code": payment.code,
    }
    assert await jobs(Job.SETTLE_CART) == [cart.id]
    assert await wallet.check_ledger() == []


async def test_same_answer_again_changes_nothing(paying: PayingShop) -> None:
    alice = await make_account()
    payment = await paying.start(alice)
    await settle(payment.id, answer(payment))

    for state in (TruthState.PAID, TruthState.FAILED, TruthState.OPEN, TruthState.PAID):
        assert await settle(payment.id, answer(payment, state)) is None

    assert await wallet.balance(alice.id, currency="USD") == TEN
    assert await events_of(payment) == ["created", "pending", "paid"]
    assert await fetch_value("SELECT count(*) FROM mail_messages") == 1


async def test_payment_that_failed_and_is_paid_after_all_is_credited(paying: PayingShop) -> None:
    alice = await make_account()
    payment = await paying.start(alice)
    await settle(payment.id, answer(payment, TruthState.FAILED))
    assert await wallet.balance(alice.id, currency="USD") == 0

    await settle(payment.id, answer(payment))

    assert await wallet.balance(alice.id, currency="USD") == TEN
    [last] = await fetch("SELECT note FROM payment_events WHERE payment = $1 AND state = 'paid'", payment.id)
    assert last["note"] == "late"


@pytest.mark.parametrize("state", [TruthState.UNDERPAID, TruthState.OVERPAID, TruthState.REVERSED])
async def test_other_sum_waits_for_a_person_and_credits_nothing(paying: PayingShop, state: TruthState) -> None:
    alice = await make_account()
    payment = await paying.start(alice)

    await settle(payment.id, answer(payment, state))
    await settle(payment.id, answer(payment))

    assert await state_of(payment) == "review"
    assert await wallet.balance(alice.id, currency="USD") == 0
    [case] = await fetch("SELECT kind, cause, summary, state FROM cases")
    assert (case["kind"], case["cause"], case["state"]) == ("payment_mismatch", f"payment:{payment.id}:review", "open")
    assert case["summary"] == state


async def test_failed_payment_gives_its_cart_back_once(paying: PayingShop) -> None:
    alice = await make_account()
    cart = await Cart.objects().create(account=alice.id)
    payment = await paying.start(alice, cart_id=cart.id)

    await settle(payment.id, answer(payment, TruthState.FAILED))
    await settle(payment.id, answer(payment, TruthState.FAILED))

    assert await jobs(Job.SETTLE_CART) == [cart.id]
    assert await fetch_value("SELECT count(*) FROM mail_messages") == 0


async def test_receipts_are_numbered_in_order_without_a_gap_even_when_one_rolls_back(paying: PayingShop) -> None:
    alice = await make_account()
    first, lost, second = [await paying.start(alice) for _number in range(3)]
    await settle(first.id, answer(first))
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what rolls back
        async with transaction():
            await settle(lost.id, answer(lost))
            _ = 1 / 0
    await settle(second.id, answer(second))

    numbers = [receipt.number for receipt in await wallet.list_receipts(alice.id)][::-1]

    assert numbers == [f"R-{now().year}-000001", f"R-{now().year}-000002"]
    assert await wallet.check_ledger() == []


async def test_letter_and_page_are_told_only_with_the_commit(paying: PayingShop) -> None:
    payment = await paying.start()

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what rolls back
        async with transaction():
            await settle(payment.id, answer(payment))
            _ = 1 / 0

    assert await state_of(payment) == "pending"
    assert await fetch_value("SELECT count(*) FROM mail_messages") == 0
    assert await wallet.list_receipts(payment.account_id) == []


@pytest.mark.commits
async def test_same_answer_from_eight_processes_credits_once(paying: PayingShop) -> None:
    alice = await make_account()
    payment = await paying.start(alice)

    results = await asyncio.gather(*(settle(payment.id, answer(payment)) for _process in range(8)))

    assert sorted(results, key=str) == [None] * 7 + [PAID]
    assert await wallet.balance(alice.id, currency="USD") == TEN
    assert await wallet.check_ledger() == []


@pytest.mark.commits
async def test_eight_checks_at_once_credit_once_and_ask_the_processor_once(paying: PayingShop) -> None:
    alice = await make_account()
    payment = await paying.start(alice)
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()

    await asyncio.gather(*(payments.check(payment.id, paying.processors) for _process in range(8)))

    assert await wallet.balance(alice.id, currency="USD") == TEN
    assert await fetch_value("SELECT checks FROM payments WHERE id = $1", payment.id) == 1
    assert await wallet.check_ledger() == []


@pytest.mark.commits
async def test_receipts_of_payments_settled_at_once_have_no_gap(paying: PayingShop) -> None:
    started = [await paying.start(amount=UNIT * (number + 1)) for number in range(8)]

    await asyncio.gather(*(settle(payment.id, answer(payment)) for payment in started))

    numbers = await fetch("SELECT number FROM receipts ORDER BY number")
    assert [row["number"] for row in numbers] == [f"R-{now().year}-{number:06}" for number in range(1, 9)]
    assert await wallet.check_ledger() == []
