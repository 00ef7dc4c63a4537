"""Following orders until they end: what a provider says, late, twice, wrongly or not at all."""

import json
from datetime import timedelta
from typing import Any

import pytest

from domain import orders
from domain.clock import now
from domain.dispatch import sending
from domain.dispatch.desk import Desk
from domain.dispatch.follow_up import follow_up
from domain.dispatch.health import check_balances
from domain.dispatch.reports import GRACE, LATER, MISSES_FOR_CASE
from domain.orders import PlacedOrder
from models.catalog import Service, ServiceType
from models.database import fetch, fetch_one, fetch_value
from sandbox.testing import RunningSandbox
from tests.dispatching import (
    dispatches_of,
    list_cases,
    make_carried_service,
    make_due,
    money_of,
    place_carried,
    row_of,
)


async def send(service: Service, desk: Desk, **values: Any) -> PlacedOrder:
    order = await place_carried(service, **values)
    await sending.send(order.id, desk)
    return order


@pytest.fixture
async def order(order: PlacedOrder, desk: Desk) -> PlacedOrder:
    """An order that the provider has."""
    await sending.send(order.id, desk)
    return order


async def external_id(order: PlacedOrder) -> str:
    return str((await dispatches_of(order))[-1]["external_id"])


async def look(desk: Desk, *placed: PlacedOrder) -> None:
    await make_due(*placed)
    await follow_up(desk)


async def letters() -> list[str]:
    return [row["cause"] for row in await fetch("SELECT cause FROM mail_messages ORDER BY id")]


# Progress and the end


async def test_order_is_followed_from_pending_to_completed(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.advance(9)
    await look(desk, order)
    row = await row_of(order)
    assert row["state"] == "in_progress"
    assert 0 < row["remains"] < row["quantity"]
    assert row["start_count"] > 0

    sandbox.advance(60)
    await look(desk, order)

    row = await row_of(order)
    assert (row["state"], row["remains"], row["refunded"]) == ("completed", 0, 0)
    assert [event.state for event in await orders.list_events(order.id)] == [
        "completed", "in_progress", "pending", "placed",
    ]  # fmt: skip
    assert await letters() == [f"order:{order.id}:completed:0"]


async def test_order_that_is_not_due_is_not_asked_about(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    before = len(sandbox.calls("status"))

    assert await follow_up(desk) == 0

    assert len(sandbox.calls("status")) == before


async def test_pauses_grow_while_nothing_changes(desk: Desk, order: PlacedOrder) -> None:
    pauses = []
    for _look in range(4):
        await look(desk, order)
        pauses.append(round(((await row_of(order))["next_check_at"] - now()).total_seconds()))

    assert pauses == [4, 8, 8, 8]


async def test_partial_delivery_pays_the_rest_back_once(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    quantity = (await row_of(order))["quantity"]
    sandbox.end_order(await external_id(order), "partial", remains=str(quantity // 4))

    for _look in range(3):
        await look(desk, order)

    assert (await row_of(order))["state"] == "partial"
    assert await money_of(order) == order.charge // 4
    assert await letters() == [f"order:{order.id}:partial:{order.charge // 4}"]
    context = json.loads(await fetch_value("SELECT context FROM mail_messages"))
    assert (context["refund"], context["remains"], context["code"]) == (order.charge // 4, quantity // 4, order.code)


@pytest.mark.parametrize("outcome", ["canceled", "canceled_zero"])
async def test_canceled_order_pays_everything_back_whatever_remains(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder, outcome: str
) -> None:
    sandbox.end_order(await external_id(order), outcome)

    for _look in range(2):
        await look(desk, order)

    row = await row_of(order)
    assert (row["state"], row["refunded"]) == ("canceled", order.charge)
    assert row["next_check_at"] is None or row["next_check_at"] < now()
    assert await money_of(order) == order.charge


@pytest.mark.parametrize(
    ("fault", "kind"), [("", ServiceType.PACKAGE), ("provider.unknown_remains", ServiceType.DEFAULT)]
)
async def test_partial_delivery_without_a_formula_is_left_to_a_person(
    sandbox: RunningSandbox, desk: Desk, fault: str, kind: ServiceType
) -> None:
    order = await send(await make_carried_service(kind=kind), desk)
    sandbox.end_order(await external_id(order), "partial", remains="1")
    if fault:
        sandbox.set_fault(fault)

    await look(desk, order)

    [case] = await list_cases()
    assert (await row_of(order))["state"] == "partial"
    assert case["kind"] == "undecided_refund"
    assert case["cause"] == f"dispatch:{(await dispatches_of(order))[0]['id']}:partial"
    assert (await orders.find_by_code(order.code)).awaits_refund
    assert await money_of(order) == 0
    assert await letters() == []


async def test_provider_that_counts_after_all_decides_the_refund_instead_of_a_person(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    quantity = (await row_of(order))["quantity"]
    sandbox.end_order(await external_id(order), "partial", remains=str(quantity // 4))
    sandbox.set_fault("provider.unknown_remains")
    await look(desk, order)
    assert [case["state"] for case in await list_cases()] == ["open"]

    sandbox.clear_faults()
    await look(desk, order)

    [case] = await list_cases()
    assert (case["state"], case["decided_by"]) == ("decided", None)
    assert await money_of(order) == order.charge // 4
    assert await letters() == [f"order:{order.id}:partial:{order.charge // 4}"]


async def test_partial_refund_that_grows_is_told_again(sandbox: RunningSandbox, desk: Desk, order: PlacedOrder) -> None:
    quantity = (await row_of(order))["quantity"]
    for share in (4, 2, 4):
        sandbox.end_order(await external_id(order), "partial", remains=str(quantity // share))
        await look(desk, order)

    assert await money_of(order) == order.charge // 2
    assert await letters() == [f"order:{order.id}:partial:{order.charge // share}" for share in (4, 2)]


async def test_over_delivery_is_complete_and_remains_nothing(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.end_order(await external_id(order))
    sandbox.set_fault("provider.negative_remains")

    await look(desk, order)

    row = await row_of(order)
    assert (row["state"], row["remains"], row["refunded"]) == ("completed", 0, 0)


async def test_finished_order_is_looked_at_a_few_times_more_and_then_rests(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.end_order(await external_id(order))
    hours = []
    for _look in range(len(LATER) + 1):
        await look(desk, order)
        at = (await row_of(order))["next_check_at"]
        hours.append(at and round((at - now()) / timedelta(hours=1)))

    assert hours == [1, 6, 24, 72, 168, None]


# Batches


async def test_many_orders_are_asked_about_a_hundred_at_a_time(
    sandbox: RunningSandbox, desk: Desk, service: Service
) -> None:
    placed = [await send(service, desk) for _number in range(103)]
    before = len(sandbox.calls("status"))

    await look(desk, *placed)

    batches = [call.fields for call in sandbox.calls("status")[before:]]
    assert sorted(len(fields["orders"].split(",")) for fields in batches) == [3, 100]


@pytest.mark.parametrize("fault", ["batch_fails", "multi_status_list", "bare_string_errors"])
async def test_odd_batches_end_every_order_as_its_own_report_says(
    sandbox: RunningSandbox, desk: Desk, service: Service, fault: str
) -> None:
    done, gone, running = [await send(service, desk) for _number in range(3)]
    sandbox.end_order(await external_id(done))
    sandbox.end_order(await external_id(gone), "canceled")
    sandbox.set_fault(f"provider.{fault}")

    await look(desk, done, gone, running)

    assert [(await row_of(each))["state"] for each in (done, gone, running)] == ["completed", "canceled", "pending"]


# Trouble


@pytest.mark.parametrize("fault", ["invalid_key", "html", "error_page_before", "timeout_before", "reset_before"])
async def test_provider_in_trouble_changes_no_order(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder, fault: str
) -> None:
    sandbox.end_order(await external_id(order), "canceled")
    sandbox.set_fault(f"provider.{fault}", action="status")

    await look(desk, order)

    provider = await fetch_one("SELECT healthy, trouble FROM providers")
    assert (await row_of(order))["state"] == "pending"
    assert dict(provider or {}) == {"healthy": False, "trouble": "reading"}
    sandbox.clear_faults()
    await look(desk, order)
    assert (await row_of(order))["state"] == "canceled"
    assert await fetch_value("SELECT healthy FROM providers")


async def test_answered_question_does_not_mend_an_empty_wallet(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    await fetch("UPDATE providers SET healthy = false, trouble = 'sending'")

    await look(desk, order)
    await check_balances(desk)

    assert await fetch_value("SELECT healthy FROM providers") is False
    assert await fetch_value("SELECT balance FROM providers") == sandbox.provider_balance() * 10**8


async def test_unknown_word_keeps_the_state_and_opens_one_case(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.set_fault("provider.odd_words", word="Refunded")

    for _look in range(2):
        await look(desk, order)

    [case] = await list_cases()
    assert (await row_of(order))["state"] == "pending"
    assert (case["kind"], json.loads(case["evidence"])["word"]) == ("odd_status", "Refunded")


async def test_order_that_its_provider_does_not_know_gets_grace_repeats_and_then_a_case(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.set_fault("provider.incorrect_order")
    await look(desk, order)
    assert (await dispatches_of(order))[0]["misses"] == 0

    await fetch("UPDATE dispatches SET started_at = started_at - $1::interval", GRACE)
    for miss in range(MISSES_FOR_CASE + 1):
        assert len(await list_cases()) == (miss >= MISSES_FOR_CASE)
        await look(desk, order)

    assert (await row_of(order))["state"] == "pending"
    assert len(await list_cases()) == 1
    sandbox.clear_faults()
    await look(desk, order)
    assert (await dispatches_of(order))[0]["misses"] == 0
