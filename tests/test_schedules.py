"""What the worker does by the clock."""

import worker
from domain import checkout, payments
from domain.jobs import Job
from domain.payments.processors import Truth, TruthState
from models.database import fetch, fetch_value
from settings import Settings
from tests.factories import make_account
from tests.paying import BASE_URL, paying_shop
from tests.shopping import CURRENCY, SECRET_KEY, customer, fill_cart, review_of, seen_cart


async def test_everything_that_a_lost_job_would_leave_behind_is_looked_after(settings: Settings) -> None:
    async with worker.open_tools(settings) as tools:
        names = set(worker.schedules(tools))

    assert names == {
        "audit_ledger", "check_balances", "follow_up", "park_lost_orders", "queue_due_orders", "queue_left_carts",
        "read_price_lists", "reconcile_payments", "sweep_mail", "sweep_sessions", "sweep_throttles",
    }  # fmt: skip


async def test_paid_cart_whose_job_was_lost_is_queued_until_it_is_ordered(settings: Settings) -> None:
    account = await make_account()
    await fill_cart(customer(account))
    async with paying_shop(settings) as shop:
        payment = await checkout.pay_missing(
            account.id,
            await seen_cart(customer(account)),
            seen_missing=(await review_of(customer(account))).missing,
            processor=shop.processor,
            currency=CURRENCY,
            base_url=BASE_URL,
        )
    unpaid = await checkout.queue_left()
    truth = Truth(
        state=TruthState.PAID,
        reference=payment.reference or "",
        code=payment.code,
        amount=payment.amount,
        currency=CURRENCY,
    )
    await payments.settle(payment.id, truth)
    await fetch("DELETE FROM pgqueuer")

    left = await checkout.queue_left()
    [job] = await fetch("SELECT entrypoint, payload FROM pgqueuer")
    await checkout.settle_cart(int(job["payload"]), secret_key=SECRET_KEY)

    assert (unpaid, left, job["entrypoint"], await checkout.queue_left()) == (0, 1, Job.SETTLE_CART, 0)
    assert await fetch_value("SELECT state FROM carts WHERE id = $1", payment.cart_id) == "ordered"
