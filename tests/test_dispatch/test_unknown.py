"""Orders of which nobody knows whether their provider has them: parked, never sent again, never paid back."""

import json

import pytest

from domain import wallet
from domain.dispatch import sending
from domain.dispatch.desk import Desk
from domain.dispatch.outcomes import record_accepted
from domain.dispatch.starting import start
from domain.orders import PlacedOrder
from models.catalog import Service
from models.database import fetch, fetch_value
from sandbox.testing import RunningSandbox
from tests.dispatching import (
    dispatches_of,
    list_cases,
    make_due,
    money_of,
    place_carried,
    row_of,
    times_sent,
)


@pytest.mark.parametrize(
    "fault",
    [
        "timeout_before",
        "timeout_after",
        "reset_before",
        "reset_after",
        "error_page_before",
        "error_page_after",
        "html",
        "empty_body",
        "truncated_json",
        "no_order_id",
    ],
)
async def test_unclear_answer_parks_the_order_and_never_sends_it_again(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder, fault: str
) -> None:
    sandbox.set_fault(f"provider.{fault}", remaining=1, **({} if fault == "no_order_id" else {"action": "add"}))

    await sending.send(order.id, desk)
    await make_due(order)
    await sending.queue_due()
    await sending.send(order.id, desk)

    row = await row_of(order)
    [case] = await list_cases()
    assert (row["state"], row["refunded"]) == ("parked", 0)
    assert [dispatch["state"] for dispatch in await dispatches_of(order)] == ["unknown"]
    assert await times_sent(sandbox, order) == 1
    assert await money_of(order) == 0
    assert (case["kind"], json.loads(case["evidence"])["order"]) == ("unknown_dispatch", order.code)
    for told in (case["summary"], case["evidence"]):
        assert row["link"] not in told


async def test_attempt_of_a_worker_that_died_is_parked_after_its_lease(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    assert await start(order.id, desk) is not None
    await sending.send(order.id, desk)
    assert await sending.park_lost() == 0

    await fetch("UPDATE dispatches SET started_at = started_at - $1::interval", sending.LEASE)
    assert await sending.park_lost() == 1

    assert (await row_of(order))["state"] == "parked"
    assert await times_sent(sandbox, order) == 0
    assert len(await list_cases()) == 1


async def test_answer_that_comes_after_the_lease_still_counts(desk: Desk, order: PlacedOrder) -> None:
    attempt = await start(order.id, desk)
    assert attempt is not None
    await fetch("UPDATE dispatches SET started_at = started_at - $1::interval", sending.LEASE)
    await sending.park_lost()

    await record_accepted(attempt, "late-1", desk)

    [case] = await list_cases()
    assert (await row_of(order))["state"] == "pending"
    assert [dispatch["external_id"] for dispatch in await dispatches_of(order)] == ["late-1"]
    assert case["state"] == "decided"


async def test_answer_that_comes_after_a_person_decided_opens_a_case(desk: Desk, order: PlacedOrder) -> None:
    attempt = await start(order.id, desk)
    assert attempt is not None
    await fetch("UPDATE dispatches SET state = 'not_sent'")
    await fetch("UPDATE orders SET state = 'canceled'")

    await record_accepted(attempt, "late-1", desk)

    [case] = await list_cases()
    assert case["cause"] == f"dispatch:{attempt.dispatch_id}:late"
    assert (await row_of(order))["state"] == "canceled"


async def test_id_that_another_order_has_parks_the_order(desk: Desk, service: Service) -> None:
    first, second = await place_carried(service), await place_carried(service)
    for order in (first, second):
        attempt = await start(order.id, desk)
        assert attempt is not None
        await record_accepted(attempt, "4711", desk)

    assert [(await row_of(order))["state"] for order in (first, second)] == ["pending", "parked"]


async def test_parked_order_leaves_the_books_in_order_and_writes_no_letter(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.set_fault("provider.reset_after", action="add", remaining=1)

    await sending.send(order.id, desk)

    assert await wallet.check_ledger() == []
    assert await fetch_value("SELECT count(*) FROM mail_messages") == 0
