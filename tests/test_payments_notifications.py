"""What processors post: stored once without a trace of the payer, answered, and followed by a check."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from domain.jobs import Job
from domain.payments import PaymentView
from gateways.cardlink_notifications import sign
from models.database import fetch, fetch_value
from routes.payments import LARGEST_NOTIFICATION
from settings import Settings
from tests.paying import PayingShop, jobs, paying_shop, state_of

# What the processor sends about a person; none of it may be found anywhere afterwards.
PERSONAL = {
    "AccountType": "CANARY_CARD_TYPE",
    "AccountNumber": "424242******4242",
    "PayerPhone": "+15555550142",
    "PayerEmail": "canary.payer@example.net",
    "PayerName": "Canary Payer",
    "PayerComment": "Canary comment",
    "ErrorMessage": "Canary message",
    "custom": "canary-custom",
}
KEPT = {
    "TrsId": "B1",
    "Status": "SUCCESS",
    "CurrencyIn": "USD",
    "Commission": "0.50",
    "BalanceAmount": "9.50",
    "BalanceCurrency": "USD",
    "ErrorCode": "0",
}


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


def notification(paying: PayingShop, payment: PaymentView, **fields: str) -> dict[str, str]:
    """A signed postback about a payment."""
    triple = {"InvId": payment.code, "OutSum": "10.00"}
    signature = sign("10.00", payment.code, token=paying.sandbox.settings.cardlink_token)
    return {**triple, **KEPT, **fields, "SignatureValue": signature}


async def test_notification_is_stored_answered_200_and_checked_by_a_job(paying: PayingShop) -> None:
    payment = await paying.start()

    answer = await paying.post_notification(notification(paying, payment))

    assert (answer.status_code, answer.text) == (200, "OK")
    [row] = await fetch("SELECT processor, kind, payment, fields, deliveries, handled_at FROM notifications")
    assert tuple(row)[:3] == ("cardlink", "payment", payment.id)
    assert json.loads(row["fields"]) == {"InvId": payment.code, "OutSum": "10.00", **KEPT}
    assert (row["deliveries"], row["handled_at"]) == (1, None)
    assert await jobs(Job.CHECK_PAYMENT) == [payment.id]
    assert await state_of(payment) == "pending"


async def test_bad_signature_is_400_and_nothing_is_stored(paying: PayingShop) -> None:
    payment = await paying.start()

    answer = await paying.post_notification({**notification(paying, payment), "OutSum": "9.99"})

    assert answer.status_code == 400
    assert await fetch_value("SELECT count(*) FROM notifications") == 0
    assert await jobs(Job.CHECK_PAYMENT) == []


async def test_notification_of_no_payment_is_answered_and_forgotten(paying: PayingShop) -> None:
    payment = await paying.start()
    await fetch("UPDATE payments SET code = 'ELSEWHERE' WHERE id = $1", payment.id)

    answer = await paying.post_notification(notification(paying, payment))

    assert answer.status_code == 200
    assert await fetch_value("SELECT count(*) FROM notifications") == 0


async def test_notification_of_a_settled_payment_asks_for_no_check(paying: PayingShop) -> None:
    payment = await paying.start()
    paying.pay(payment)
    await paying.sandbox.deliver_postbacks()
    await paying.run_checks()

    await paying.post_notification(notification(paying, payment))

    assert await fetch_value("SELECT count(*) FROM notifications") == 2
    assert await jobs(Job.CHECK_PAYMENT) == []


async def test_unknown_processor_is_a_page_that_does_not_exist(paying: PayingShop) -> None:
    assert (await paying.post_notification({"a": "b"}, processor="nobody")).status_code == 404


async def test_notification_that_is_too_large_is_refused_unread(paying: PayingShop) -> None:
    payment = await paying.start()

    answer = await paying.post_notification(notification(paying, payment, PayerComment="x" * LARGEST_NOTIFICATION))

    assert answer.status_code == 413
    assert await fetch_value("SELECT count(*) FROM notifications") == 0


async def test_failure_of_ours_makes_the_processor_try_again(paying: PayingShop) -> None:
    payment = await paying.start()

    await fetch("ALTER TABLE notifications RENAME TO away")
    assert (await paying.post_notification(notification(paying, payment))).status_code == 503
    await fetch("ALTER TABLE away RENAME TO notifications")

    paying.pay(payment)
    assert (await paying.post_notification(notification(paying, payment))).status_code == 200
    await paying.run_checks()
    assert await state_of(payment) == "paid"


async def test_nothing_that_names_the_payer_stays_in_the_database_or_the_log(
    paying: PayingShop, caplog: pytest.LogCaptureFixture
) -> None:
    payment = await paying.start()
    caplog.set_level(logging.DEBUG)
    for fields in (
        notification(paying, payment, **PERSONAL),
        {**notification(paying, payment, **PERSONAL), "SignatureValue": "0" * 32},
    ):
        await paying.post_notification(fields)
    await paying.run_checks()

    traces = await _find_everywhere([*PERSONAL.values(), paying.sandbox.settings.cardlink_token, "0" * 32])

    assert traces == []
    assert not [value for value in PERSONAL.values() if value in caplog.text]
    assert paying.sandbox.settings.cardlink_token not in caplog.text


async def _find_everywhere(values: list[str]) -> list[str]:
    """Every table that holds one of the values in any column, as text."""
    tables = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for row in tables:
        for value in values:
            hits = await fetch_value(
                f'SELECT count(*) FROM "{row["tablename"]}" t WHERE position($1 IN to_jsonb(t)::text) > 0', value
            )
            found += [f"{row['tablename']}: {value}"] if hits else []
    return found
