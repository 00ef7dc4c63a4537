"""Checking: a notification only asks for it, and what the processor then says counts once."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain import payments, wallet
from domain.jobs import Job
from domain.payments import PaymentView
from domain.payments.notifications import ROWS_PER_PAYMENT
from models.database import fetch, fetch_value
from sandbox.cardlink.pay import return_fields
from sandbox.testing import DECLINED_CARD
from settings import Settings
from tests.paying import TEN, PayingShop, events_of, jobs, let_time_pass, paying_shop, state_of


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


@pytest.fixture(autouse=True)
def no_faults(paying: PayingShop) -> None:
    paying.sandbox.clear_faults()


async def balance_of(payment: PaymentView) -> int:
    return await wallet.balance(payment.account_id, currency="USD")


async def reconcile(paying: PayingShop) -> None:
    await payments.reconcile(paying.processors)
    await paying.run_checks()


async def test_paid_bill_is_credited_after_its_notification(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    assert await balance_of(payment) == 0

    assert await paying.run_checks() == 1

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)
    [notification] = await fetch("SELECT deliveries, handled_at IS NOT NULL AS handled FROM notifications")
    assert (notification["deliveries"], notification["handled"]) == (1, True)


async def test_duplicates_of_a_notification_are_one_row_and_one_credit(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.sandbox.set_fault("cardlink.duplicate_postbacks", times=4)
    paying.pay(payment)

    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()

    assert await balance_of(payment) == TEN
    [notification] = await fetch("SELECT deliveries FROM notifications")
    assert notification["deliveries"] == 4


async def test_forged_success_credits_nothing_and_suppresses_nothing(paying: PayingShop) -> None:
    payment = await paying.start()
    for _attempt in range(3):
        assert await paying.sandbox.forge(paying.bill_id(payment)) == "200"
        await paying.run_checks()
    assert (await state_of(payment), await balance_of(payment)) == ("pending", 0)

    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)


async def test_triple_of_the_failure_redirect_posted_as_success_credits_nothing(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment, DECLINED_CARD)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()
    world, bill = paying.sandbox.sandbox.world, paying.sandbox.bill_of(payment.code)
    triple = return_fields(world, bill, None)

    answer = await paying.post_notification({**triple, "Status": "SUCCESS", "CurrencyIn": "USD", "TrsId": bill.id})
    await paying.run_checks()

    assert answer.status_code == 200
    assert (await state_of(payment), await balance_of(payment)) == ("failed", 0)


async def test_late_success_after_a_declined_card_is_credited(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment, DECLINED_CARD)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()
    assert await state_of(payment) == "failed"

    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)
    assert await events_of(payment) == ["created", "pending", "failed", "paid"]


async def test_notifications_in_the_wrong_order_end_the_same(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.sandbox.set_fault("cardlink.late_postback", remaining=1, seconds=60)
    paying.pay(payment, DECLINED_CARD)
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()
    assert await balance_of(payment) == TEN

    paying.sandbox.advance(61)
    assert await paying.sandbox.deliver_postbacks() == 1
    await paying.run_checks()

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)


async def test_processor_is_not_asked_again_within_the_gap(paying: PayingShop) -> None:
    payment = await paying.start()
    for _forgery in range(3):
        await paying.sandbox.forge(paying.bill_id(payment))
        await payments.check(payment.id, paying.processors)

    assert await fetch_value("SELECT checks FROM payments WHERE id = $1", payment.id) == 1


@pytest.mark.parametrize(
    ("fault", "ours", "told"),
    [
        ("cardlink.wrong_amount", "amount", "told_amount"),
        ("cardlink.wrong_currency", "currency", "told_currency"),
        ("cardlink.wrong_order_id", "payment", "told_payment"),
    ],
)
async def test_other_answer_than_asked_for_goes_to_review(paying: PayingShop, fault: str, ours: str, told: str) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    paying.sandbox.set_fault(fault)

    await paying.run_checks()

    assert (await state_of(payment), await balance_of(payment)) == ("review", 0)
    [case] = await fetch("SELECT summary, evidence FROM cases")
    evidence = json.loads(case["evidence"])
    pairs = ("payment", "told_payment"), ("amount", "told_amount"), ("currency", "told_currency")
    assert case["summary"] == "different"
    assert [pair for pair in pairs if evidence[pair[0]] != evidence[pair[1]]] == [(ours, told)]


async def test_commission_on_top_still_credits_what_was_asked(paying: PayingShop) -> None:
    payment = await paying.start()
    world, bill = paying.sandbox.sandbox.world, paying.sandbox.bill_of(payment.code)
    world.store.change("UPDATE bill SET payer_pays_commission = 1 WHERE id = ?", bill.id)
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()

    assert await balance_of(payment) == TEN
    [notification] = await fetch(
        "SELECT fields->>'OutSum' AS sum, fields->>'Commission' AS commission FROM notifications"
    )
    assert (notification["sum"], notification["commission"]) == ("10.50", "0.50")


@pytest.mark.parametrize("how", ["refund", "chargeback"])
async def test_money_taken_back_after_the_credit_opens_one_case_and_moves_nothing(paying: PayingShop, how: str) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()
    [paid] = paying.card_payments(payment)

    {"refund": paying.sandbox.refund, "chargeback": paying.sandbox.charge_back}[how](paid)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()
    await let_time_pass(payment, timedelta(days=1))
    await reconcile(paying)

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)
    [case] = await fetch("SELECT cause FROM cases")
    assert case["cause"] == f"payment:{payment.id}:reversed"


async def test_rows_of_one_payment_are_capped_and_the_check_still_asked_for(paying: PayingShop) -> None:
    payment = await paying.start()
    world, bill = paying.sandbox.sandbox.world, paying.sandbox.bill_of(payment.code)
    triple = return_fields(world, bill, None)
    for number in range(ROWS_PER_PAYMENT + 5):
        answer = await paying.post_notification({**triple, "Status": f"S{number}"})
        assert answer.status_code == 200

    assert await fetch_value("SELECT count(*) FROM notifications") == ROWS_PER_PAYMENT
    assert len(await jobs(Job.CHECK_PAYMENT)) == ROWS_PER_PAYMENT + 5
