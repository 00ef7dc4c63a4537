"""Starting a payment: saved first, handed over second, and never two bills for one payment."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from domain import payments
from domain.errors import Invalid, Refused
from domain.jobs import Job
from domain.money import UNIT
from domain.payments.payment import find
from gateways.cardlink import Cardlink
from models.checkout import Cart
from models.database import fetch, fetch_value
from settings import Settings
from tests.factories import make_account
from tests.paying import BASE_URL, TEN, PayingShop, events_of, jobs, let_gap_pass, let_time_pass, paying_shop, state_of


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        # A customer waits ten seconds for a silent processor, a test does not.
        impatient = Cardlink(
            shop.sandbox.cardlink_url,
            token=shop.sandbox.settings.cardlink_token,
            shop_id=shop.sandbox.settings.cardlink_shop,
            timeout=httpx.Timeout(0.5),
        )
        yield replace(shop, processors={"cardlink": impatient})
        await impatient.aclose()


@pytest.fixture(autouse=True)
def no_faults(paying: PayingShop) -> None:
    paying.sandbox.clear_faults()


def bills_of(paying: PayingShop, code: str) -> list[str]:
    return [bill.id for bill in paying.sandbox.bills() if bill.order_id == code]


async def test_start_saves_the_intention_and_where_it_is_paid(paying: PayingShop) -> None:
    payment = await paying.start(amount=TEN)

    [bill] = bills_of(paying, payment.code)
    assert (payment.state, payment.reference) == ("pending", bill)
    assert payment.pay_url == f"{paying.sandbox.url}/cardlink/pay/{bill}"
    assert payment.expires_at - payment.created_at == timedelta(minutes=60)
    assert await find(payment.id) == payment
    assert await events_of(payment) == ["created", "pending"]


async def test_amount_goes_to_the_processor_in_whole_cents_rounded_up(paying: PayingShop) -> None:
    payment = await paying.start(amount=UNIT // 3)

    assert payment.amount == 34 * UNIT // 100
    assert str(paying.sandbox.bill_of(payment.code).amount) == "0.34"


async def test_silent_processor_leaves_a_payment_that_can_be_tried_again(paying: PayingShop) -> None:
    paying.sandbox.set_fault("cardlink.create_timeout_before", remaining=1)
    payment = await paying.start()
    assert (payment.state, payment.pay_url) == ("created", "")

    again = await payments.try_again(payment, paying.processor, base_url=BASE_URL)

    assert (again.state, [again.reference]) == ("pending", bills_of(paying, payment.code))


async def test_bill_whose_answer_was_lost_is_not_made_twice(paying: PayingShop) -> None:
    paying.sandbox.set_fault("cardlink.create_timeout", remaining=1)
    payment = await paying.start()
    assert payment.state == "created"

    again = await payments.try_again(payment, paying.processor, base_url=BASE_URL)

    assert (again.state, [again.reference]) == ("pending", bills_of(paying, payment.code))


async def test_trying_again_while_the_first_request_still_asks_changes_nothing(paying: PayingShop) -> None:
    alice = await make_account()
    payment = await payments.intend(alice.id, amount=TEN, cart_id=None, processor="cardlink", currency="USD")

    again = await payments.try_again(payment, paying.processor, base_url=BASE_URL)

    assert again == payment
    assert bills_of(paying, payment.code) == []


async def test_trying_again_what_was_handed_over_changes_nothing(paying: PayingShop) -> None:
    payment = await paying.start()

    await payments.try_again(payment, paying.processor, base_url=BASE_URL)

    assert len(bills_of(paying, payment.code)) == 1


async def test_process_that_died_after_the_call_is_repaired_by_the_reconciler(paying: PayingShop) -> None:
    alice = await make_account()
    payment = await payments.intend(alice.id, amount=TEN, cart_id=None, processor="cardlink", currency="USD")
    # The bill is there, the answer is not: what a kill between the call and the commit leaves behind.
    await paying.processor.start(_intent(payment))
    assert await payments.reconcile(paying.processors) == []
    await let_time_pass(payment, timedelta(minutes=2))

    assert await payments.reconcile(paying.processors) == [payment.id]
    await paying.run_checks()

    repaired = await find(payment.id)
    assert (repaired.state, [repaired.reference]) == ("pending", bills_of(paying, payment.code))
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as payer:
        assert (await payer.get(repaired.pay_url)).status_code == 200


async def test_process_that_died_before_the_call_leaves_a_payment_that_fails_by_itself(paying: PayingShop) -> None:
    alice = await make_account()
    cart = await Cart.objects().create(account=alice.id)
    payment = await payments.intend(alice.id, amount=TEN, cart_id=cart.id, processor="cardlink", currency="USD")
    await let_time_pass(payment, timedelta(minutes=61))

    await payments.reconcile(paying.processors)
    await paying.run_checks()

    assert await state_of(payment) == "failed"
    assert bills_of(paying, payment.code) == []
    assert await jobs(Job.SETTLE_CART) == [cart.id]


async def test_payment_that_the_processor_refuses_has_failed_and_gives_its_cart_back(paying: PayingShop) -> None:
    alice = await make_account()
    cart = await Cart.objects().create(account=alice.id)

    payment = await payments.start(
        alice.id, amount=TEN, cart_id=cart.id, processor=paying.processor, currency="JPY", base_url=BASE_URL
    )

    assert (payment.state, payment.pay_url) == ("failed", "")
    assert await jobs(Job.SETTLE_CART) == [cart.id]


async def test_refused_key_is_no_failure_of_the_customers_payment(paying: PayingShop) -> None:
    paying.sandbox.set_fault("cardlink.unauthorized", remaining=1)

    payment = await paying.start()

    assert payment.state == "created"


@pytest.mark.parametrize("typed", ["1", "1.00", "25,5", "10000", "0001.00"])
async def test_top_up_starts_for_an_amount_within_the_limits(paying: PayingShop, typed: str) -> None:
    alice = await make_account()

    payment = await top_up(paying, alice.id, typed)

    assert payment.state == "pending"
    assert payment.amount == int(float(typed.replace(",", ".")) * 100) * UNIT // 100


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0",
        "0.99",
        "-5",
        "1e3",
        "1,000",
        "1.005",
        "10000.01",
        "99999999999",
        "ten",
        "\u0661\u0660",
        "nan",
        "1.",
        ".5",
    ],
)
async def test_top_up_refuses_what_is_no_amount_or_outside_the_limits(paying: PayingShop, typed: str) -> None:
    alice = await make_account()

    with pytest.raises(Invalid) as caught:
        await top_up(paying, alice.id, typed)

    assert list(caught.value.errors) == ["amount"]
    assert await fetch_value("SELECT count(*) FROM payments") == 0


async def test_top_up_waits_until_the_mail_address_is_confirmed(paying: PayingShop) -> None:
    alice = await make_account(confirmed=False)

    with pytest.raises(Refused, match="Confirm your mail address"):
        await top_up(paying, alice.id, "10", is_confirmed=False)


async def test_customer_with_too_many_open_payments_starts_no_other(
    paying: PayingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.payments.starting.MOST_OPEN", 2)
    alice = await make_account()
    first = await paying.start(alice)
    await paying.start(alice)

    with pytest.raises(Refused, match="still open"):
        await paying.start(alice)
    await fetch("UPDATE payments SET state = 'expired' WHERE id = $1", first.id)
    await paying.start(alice)

    assert await fetch_value("SELECT count(*) FROM payments") == 3


@pytest.mark.commits
async def test_requests_at_once_open_no_more_payments_than_one_after_the_other(
    paying: PayingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.payments.starting.MOST_OPEN", 1)
    for customer in [await make_account() for _round in range(4)]:
        intents = (
            payments.intend(customer.id, amount=TEN, cart_id=None, processor="cardlink", currency="USD")
            for _click in range(12)
        )
        results = await asyncio.gather(*intents, return_exceptions=True)

        assert sorted(type(result).__name__ for result in results) == ["PaymentView"] + ["Refused"] * 11
        assert await fetch_value("SELECT count(*) FROM payments WHERE account = $1", customer.id) == 1


@pytest.mark.commits
async def test_trying_again_many_times_at_once_makes_one_bill(paying: PayingShop) -> None:
    paying.sandbox.set_fault("cardlink.create_timeout_before", remaining=1)
    payment = await paying.start()
    await let_gap_pass(payment.id)

    await asyncio.gather(*(payments.try_again(payment, paying.processor, base_url=BASE_URL) for _click in range(6)))

    assert [(await find(payment.id)).reference] == bills_of(paying, payment.code)


async def top_up(paying: PayingShop, account_id: int, typed: str, *, is_confirmed: bool = True) -> payments.PaymentView:
    return await payments.start_top_up(
        account_id,
        typed,
        is_confirmed=is_confirmed,
        processor=paying.processor,
        currency="USD",
        base_url=BASE_URL,
    )


def _intent(payment: payments.PaymentView) -> payments.processors.Intent:
    return payments.processors.Intent(
        code=payment.code,
        amount=payment.amount,
        currency=payment.currency,
        description="Payment",
        return_url=f"{BASE_URL}/payments/{payment.code}",
        created_at=payment.created_at,
        lifetime=timedelta(minutes=60),
    )
