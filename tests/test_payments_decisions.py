"""A payment in review goes where a person says: credited once or not at all, and moved by nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from domain import payments, staff, wallet
from domain.checkout import settle_cart
from domain.errors import Invalid, Refused
from domain.jobs import Job
from domain.payments import PaymentView, settle
from domain.payments.decisions import credit_arrived, credit_asked, refuse_credit
from domain.payments.payment import find
from domain.payments.processors import Truth, TruthState
from models.accounts import Account
from models.checkout import Cart, CartState
from models.database import fetch, fetch_one, fetch_value
from models.payments import PaymentState
from settings import Settings
from tests.factories import make_account
from tests.paying import TEN, PayingShop, events_of, jobs, let_gap_pass, paying_shop, state_of
from tests.staff_world import make_staff_id

NINE = TEN // 10 * 9
WHY = {"reason": "Looked at the bank."}

Verb = Callable[..., Awaitable[None]]


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


def truth(payment: PaymentView, state: TruthState = TruthState.UNDERPAID, **changes: Any) -> Truth:
    assert payment.reference
    values = {"reference": payment.reference, "code": payment.code, "amount": payment.amount, "currency": "USD"}
    return Truth(state=state, **{**values, **changes})


async def hold(
    paying: PayingShop, owner: Account, *, with_cart: bool = False, **changes: Any
) -> tuple[PaymentView, int]:
    """A payment of 10.00 of which 9.00 arrived, and the number of its case."""
    cart = await Cart.objects().create(account=owner.id, state=CartState.PAYING) if with_cart else None
    payment = await paying.start(owner, cart_id=cart.id if cart else None)
    await settle(payment.id, truth(payment, **{"arrived": NINE, **changes}))
    assert await state_of(payment) == "review"
    return payment, await fetch_value("SELECT id FROM cases WHERE cause = $1", f"payment:{payment.id}:review")


async def balance(account: Account) -> int:
    return await wallet.balance(account.id, currency="USD")


async def test_credit_of_what_was_asked_settles_as_if_it_had_arrived(paying: PayingShop) -> None:
    alice, olga = await make_account("alice"), await make_staff_id()
    payment, case_id = await hold(paying, alice, with_cart=True)

    await credit_asked(case_id, staff_id=olga, **WHY)

    assert await balance(alice) == TEN
    assert await events_of(payment) == ["created", "pending", "review", "paid"]
    [receipt] = await wallet.list_receipts(alice.id)
    assert (receipt.amount, receipt.payment_code) == (TEN, payment.code)
    context = json.loads(await fetch_value("SELECT context FROM mail_messages"))
    assert (context["amount"], context["receipt"]) == (TEN, receipt.number)
    assert await jobs(Job.SETTLE_CART) == [payment.cart_id]
    case = await fetch_one("SELECT state, decision, decided_by FROM cases")
    assert case == ("decided", "Looked at the bank.", olga)
    assert await wallet.check_ledger() == []


async def test_credit_of_what_arrived_is_that_sum_in_wallet_receipt_and_letter(paying: PayingShop) -> None:
    alice = await make_account("alice")
    payment, case_id = await hold(paying, alice)

    await credit_arrived(case_id, staff_id=await make_staff_id(), **WHY)

    assert (await state_of(payment), await balance(alice)) == ("paid", NINE)
    assert [receipt.amount for receipt in await wallet.list_receipts(alice.id)] == [NINE]
    assert json.loads(await fetch_value("SELECT context FROM mail_messages"))["amount"] == NINE
    causes = await fetch("SELECT cause FROM ledger_transactions")
    assert [row["cause"] for row in causes] == [f"payment:{payment.id}:top_up"]
    assert await wallet.check_ledger() == []


async def test_books_do_not_add_up_when_nobody_decided_on_another_sum(paying: PayingShop) -> None:
    payment, case_id = await hold(paying, await make_account())
    await credit_arrived(case_id, staff_id=await make_staff_id(), **WHY)

    await fetch("UPDATE payments SET decided_at = NULL")

    assert [found.subject for found in await wallet.check_ledger()] == [payment.code]


async def test_credit_of_another_bills_sum_is_that_sum(paying: PayingShop) -> None:
    alice = await make_account()
    _payment, case_id = await hold(paying, alice, state=TruthState.PAID, amount=NINE, arrived=None)

    await credit_arrived(case_id, staff_id=await make_staff_id(), **WHY)

    assert await balance(alice) == NINE


@pytest.mark.parametrize(
    "changes",
    [
        {"arrived": None},
        {"arrived": TEN},
        {"arrived": 0},
        {"currency": "EUR"},
        {"state": TruthState.PAID, "amount": NINE, "currency": "EUR"},
        {"state": TruthState.REVERSED, "arrived": None},
    ],
)
async def test_credit_of_what_arrived_is_refused_where_no_other_sum_is_known(
    paying: PayingShop, changes: dict[str, Any]
) -> None:
    alice = await make_account()
    payment, case_id = await hold(paying, alice, **changes)

    with pytest.raises(Refused, match="told no other sum"):
        await credit_arrived(case_id, staff_id=await make_staff_id(), **WHY)

    assert (await state_of(payment), await balance(alice)) == ("review", 0)
    assert await fetch_value("SELECT state FROM cases") == "open"


async def test_refused_credit_gives_the_cart_back(paying: PayingShop, settings: Settings) -> None:
    alice = await make_account()
    payment, case_id = await hold(paying, alice, with_cart=True)

    await refuse_credit(case_id, staff_id=await make_staff_id(), **WHY)
    assert await jobs(Job.SETTLE_CART) == [payment.cart_id]
    assert payment.cart_id
    await settle_cart(payment.cart_id, secret_key=settings.secret_key)

    assert (await state_of(payment), await balance(alice)) == ("failed", 0)
    carts = await fetch("SELECT state, note FROM carts ORDER BY id")
    assert [tuple(row) for row in carts] == [("abandoned", ""), ("open", "payment_failed")]
    assert await fetch_value("SELECT count(*) FROM mail_messages") == 0


@pytest.mark.parametrize("said", list(TruthState))
async def test_payment_that_was_refused_stays_so_whatever_the_processor_says(
    paying: PayingShop, said: TruthState
) -> None:
    alice = await make_account()
    payment, case_id = await hold(paying, alice)
    await refuse_credit(case_id, staff_id=await make_staff_id(), **WHY)

    assert await settle(payment.id, truth(payment, said)) is None

    assert (await state_of(payment), await balance(alice)) == ("failed", 0)


async def test_payment_that_was_refused_is_not_asked_about_again(paying: PayingShop) -> None:
    payment, case_id = await hold(paying, await make_account())
    await refuse_credit(case_id, staff_id=await make_staff_id(), **WHY)
    await let_gap_pass(payment.id)

    await payments.check(payment.id, paying.processors)

    assert await fetch_value("SELECT next_check_at FROM payments") is None


async def test_credited_payment_is_watched_for_money_that_is_taken_back(paying: PayingShop) -> None:
    payment, case_id = await hold(paying, await make_account())
    await credit_asked(case_id, staff_id=await make_staff_id(), **WHY)
    assert await jobs(Job.CHECK_PAYMENT) == [payment.id]

    await settle(payment.id, truth(payment, TruthState.REVERSED))

    cases = await fetch("SELECT cause, state, summary FROM cases ORDER BY id")
    assert [tuple(row) for row in cases] == [
        (f"payment:{payment.id}:review", "decided", "underpaid"),
        (f"payment:{payment.id}:reversed", "open", "reversed"),
    ]


@pytest.mark.parametrize("second", [credit_asked, credit_arrived, refuse_credit])
@pytest.mark.parametrize("first", [credit_asked, credit_arrived, refuse_credit])
async def test_second_decision_is_refused_and_changes_nothing(paying: PayingShop, first: Verb, second: Verb) -> None:
    alice, olga = await make_account(), await make_staff_id()
    payment, case_id = await hold(paying, alice)
    await first(case_id, staff_id=olga, **WHY)
    before = (await state_of(payment), await balance(alice))

    with pytest.raises(Refused, match="decided a moment ago"):
        await second(case_id, staff_id=olga, reason="Once more.")

    assert (await state_of(payment), await balance(alice)) == before
    assert await fetch_value("SELECT decision FROM cases") == "Looked at the bank."


@pytest.mark.parametrize("decide", [credit_asked, credit_arrived, refuse_credit])
async def test_decision_needs_a_reason_and_a_case_of_this_kind(paying: PayingShop, decide: Verb) -> None:
    olga = await make_staff_id()
    payment, case_id = await hold(paying, await make_account())

    with pytest.raises(Invalid):
        await decide(case_id, staff_id=olga, reason="")
    with pytest.raises(Refused):
        await decide(case_id + 1, staff_id=olga, **WHY)

    assert await state_of(payment) == "review"


async def test_case_of_a_payment_in_review_cannot_just_be_closed(paying: PayingShop) -> None:
    olga = await make_staff_id()
    payment, case_id = await hold(paying, await make_account())

    with pytest.raises(Refused):
        await staff.close_case(case_id, staff_id=olga, reason="Gone quiet.")
    await credit_asked(case_id, staff_id=olga, **WHY)
    await settle(payment.id, truth(payment, TruthState.REVERSED))
    reversal = await fetch_value("SELECT id FROM cases WHERE state = 'open'")
    await staff.close_case(reversal, staff_id=olga, reason="Taken from the wallet by hand.")

    assert await fetch_value("SELECT count(*) FROM cases WHERE state = 'open'") == 0


@pytest.mark.commits
async def test_decisions_at_once_credit_at_most_once(paying: PayingShop) -> None:
    alice, olga = await make_account(), await make_staff_id()
    payment, case_id = await hold(paying, alice)

    results = await asyncio.gather(
        *(verb(case_id, staff_id=olga, **WHY) for verb in (credit_asked, credit_arrived, refuse_credit) * 3),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["NoneType"] + ["Refused"] * 8
    ended = (await find(payment.id)).state
    assert await balance(alice) in ({TEN, NINE} if ended is PaymentState.PAID else {0})
    assert await wallet.check_ledger() == []
