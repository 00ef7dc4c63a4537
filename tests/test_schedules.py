"""What the worker does by the clock."""

from datetime import timedelta

import worker
from domain import checkout, jobs, payments
from domain.accounts import sessions
from domain.checkout import Shopper, carts
from domain.clock import now
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
        "read_price_lists", "reconcile_payments", "sweep_carts", "sweep_job_log", "sweep_mail", "sweep_sessions",
        "sweep_throttles",
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


async def test_carts_of_visitors_go_a_day_after_their_session_and_customers_keep_theirs() -> None:
    account = await make_account()
    await fill_cart(customer(account))
    await sessions.begin()
    await sessions.begin()
    gone, here = [row["id"] for row in await fetch("SELECT id FROM sessions ORDER BY id DESC LIMIT 2")]
    await fill_cart(Shopper(gone, None))
    await fill_cart(Shopper(here, None))
    await fetch("UPDATE sessions SET expires_at = $1 WHERE id <> $2", now() - timedelta(days=2), here)

    await carts.sweep()
    await sessions.sweep()

    assert [tuple(row) for row in await fetch("SELECT account, session FROM carts ORDER BY id")] == [
        (account.id, None), (None, here),
    ]  # fmt: skip
    assert await fetch_value("SELECT count(*) FROM cart_lines") == 2
    assert [row["id"] for row in await fetch("SELECT id FROM sessions")] == [here]


async def test_log_of_the_queue_is_kept_for_a_week() -> None:
    for days in (6, 8):
        await fetch(
            "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint) "
            "VALUES ($1, $2, 'successful', 0, 'send_mail')",
            now() - timedelta(days=days),
            days,
        )

    await jobs.sweep_log()

    assert [row["job_id"] for row in await fetch("SELECT job_id FROM pgqueuer_log")] == [6]
