"""The reconciler: payments come to their end when notifications, processes or the processor itself are gone."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain import payments, wallet
from domain.clock import now
from domain.jobs import Job
from domain.payments import PaymentView
from domain.payments.checking import GAP, PAUSES
from models.checkout import Cart
from models.database import fetch, fetch_value
from settings import Settings
from tests.factories import make_account
from tests.paying import TEN, PayingShop, jobs, let_gap_pass, let_time_pass, paying_shop, state_of


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


async def test_payment_without_any_notification_is_finished_by_the_reconciler(paying: PayingShop) -> None:
    alice = await make_account()
    cart = await Cart.objects().create(account=alice.id)
    payment = await paying.start(alice, cart_id=cart.id)
    paying.sandbox.set_fault("cardlink.no_postback")
    paying.pay(payment)
    await reconcile(paying)
    assert await balance_of(payment) == 0

    await let_time_pass(payment, timedelta(minutes=1))
    await reconcile(paying)

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)
    assert await jobs(Job.SETTLE_CART) == [cart.id]


async def test_open_payment_is_asked_about_ever_more_rarely(paying: PayingShop) -> None:
    payment = await paying.start()
    waits = []

    for _check in range(6):
        await let_time_pass(payment, timedelta(seconds=1))
        await fetch("UPDATE payments SET next_check_at = now() WHERE id = $1", payment.id)
        await payments.check(payment.id, paying.processors)
        waits.append(await fetch_value("SELECT next_check_at FROM payments WHERE id = $1", payment.id) - now())
        await let_gap_pass(payment.id)

    minutes = [round(wait.total_seconds() / 60) for wait in waits]
    assert minutes == [5, 15, 60, 60, 60, 60]
    assert [pause.total_seconds() / 60 for pause in PAUSES] == [1, 5, 15, 60]


async def test_unpaid_payment_expires_gives_its_cart_back_and_still_takes_late_money(paying: PayingShop) -> None:
    alice = await make_account()
    cart = await Cart.objects().create(account=alice.id)
    payment = await paying.start(alice, cart_id=cart.id)
    await let_time_pass(payment, timedelta(minutes=61))

    await reconcile(paying)
    assert await state_of(payment) == "expired"
    assert await jobs(Job.SETTLE_CART) == [cart.id]
    paying.sandbox.set_fault("cardlink.no_postback")
    paying.pay(payment)
    await let_time_pass(payment, timedelta(hours=24))
    await reconcile(paying)

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)


async def test_expired_payment_is_given_up_after_two_days(paying: PayingShop) -> None:
    payment = await paying.start()
    await let_time_pass(payment, timedelta(hours=50))

    await reconcile(paying)

    assert await state_of(payment) == "expired"
    assert await fetch_value("SELECT next_check_at FROM payments WHERE id = $1", payment.id) is None


async def test_processor_that_is_down_for_days_leaves_the_payment_expired(paying: PayingShop) -> None:
    payment = await paying.start()
    await let_time_pass(payment, timedelta(hours=50))
    paying.sandbox.set_fault("cardlink.error_page")

    await reconcile(paying)

    assert await state_of(payment) == "expired"


async def test_processor_that_is_down_for_an_hour_changes_nothing(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    paying.sandbox.set_fault("cardlink.error_page")
    await paying.run_checks()
    assert await state_of(payment) == "pending"
    assert await fetch_value("SELECT count(*) FROM notifications WHERE handled_at IS NULL") == 1

    paying.sandbox.clear_faults()
    await let_time_pass(payment, timedelta(minutes=5))
    await reconcile(paying)

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)


async def test_process_that_died_in_mid_check_is_followed_by_another(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()

    class Killed(BaseException):
        pass

    class Killer:
        key = "cardlink"

        async def find_truth(self, reference: str) -> None:
            raise Killed

    with pytest.raises(Killed):
        await payments.check(payment.id, {"cardlink": Killer()})  # type: ignore[dict-item]
    await payments.check(payment.id, paying.processors)
    assert await state_of(payment) == "pending"

    await let_time_pass(payment, timedelta(seconds=61))
    await reconcile(paying)

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)


async def test_notification_during_a_check_is_not_forgotten(paying: PayingShop) -> None:
    payment = await paying.start()
    gateway = paying.processor

    class PaysMeanwhile:
        key = "cardlink"

        async def find_truth(self, reference: str) -> object:
            seen = await gateway.find_truth(reference)
            paying.pay(payment)
            await paying.sandbox.deliver_postbacks()
            return seen

    await fetch("UPDATE payments SET next_check_at = now() WHERE id = $1", payment.id)
    await payments.check(payment.id, {"cardlink": PaysMeanwhile()})  # type: ignore[dict-item]
    assert await state_of(payment) == "pending"

    await let_time_pass(payment, GAP)
    await reconcile(paying)

    assert (await state_of(payment), await balance_of(payment)) == ("paid", TEN)


async def test_chargeback_that_nobody_told_of_is_found(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()
    [paid] = paying.card_payments(payment)
    paying.sandbox.charge_back(paid)

    await let_time_pass(payment, timedelta(days=1))
    await reconcile(paying)

    assert await fetch_value("SELECT count(*) FROM cases") == 1


async def test_paid_payment_is_left_alone_after_a_month(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()

    await let_time_pass(payment, timedelta(days=31))
    await reconcile(paying)

    assert await fetch_value("SELECT next_check_at FROM payments WHERE id = $1", payment.id) is None


async def test_reconciler_leaves_the_payments_of_other_processors_alone(paying: PayingShop) -> None:
    payment = await paying.start()
    await let_time_pass(payment, timedelta(minutes=5))

    assert await payments.reconcile({"btcpay": paying.processor}) == []
