"""Sending orders to a provider on a real socket, with everything that can go wrong on the way."""

from datetime import timedelta

import pytest

from domain.clock import now
from domain.dispatch import sending
from domain.dispatch.desk import Desk
from domain.orders import PlacedOrder
from gateways.api_v2 import ApiV2
from models.catalog import Provider, Service
from models.database import fetch, fetch_value
from sandbox.testing import RunningSandbox
from tests.dispatching import (
    dispatches_of,
    list_cases,
    make_carried_service,
    make_desk,
    make_due,
    money_of,
    place_carried,
    row_of,
    times_sent,
)
from tests.factories import make_provider, make_provider_service

# The good case


async def test_accepted_order_is_pending_and_will_be_followed(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    await sending.send(order.id, desk)

    [dispatch] = await dispatches_of(order)
    row = await row_of(order)
    assert (dispatch["state"], dispatch["external_id"]) == ("accepted", sandbox.orders()[-1].public_id)
    assert row["state"] == "pending"
    assert now() < row["next_check_at"] < now() + timedelta(seconds=3)
    assert await times_sent(sandbox, order) == 1


async def test_order_is_sent_once_however_often_its_job_runs(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    for _run in range(3):
        await sending.send(order.id, desk)

    assert await times_sent(sandbox, order) == 1


async def test_cheapest_listed_service_of_an_active_provider_is_chosen(desk: Desk, sandbox: RunningSandbox) -> None:
    provider, idle = await make_provider(), await make_provider("idle", active=False)
    service = await make_carried_service(provider)
    dear, gone = [await make_provider_service(provider, service, number) for number in ("dear", "gone")]
    await make_provider_service(idle, service, "cheapest of all")
    await fetch("UPDATE provider_services SET cost = cost * 2 WHERE id = $1", dear.id)
    await fetch("UPDATE provider_services SET cost = 1, listed = false WHERE id = $1", gone.id)
    order = await place_carried(service)

    await sending.send(order.id, desk)

    assert (await row_of(order))["state"] == "pending"


# Clear refusals


async def test_refused_link_cancels_the_order_and_gives_all_the_money_back(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.set_fault("provider.bad_link", remaining=1)

    await sending.send(order.id, desk)

    row = await row_of(order)
    assert (row["state"], row["refunded"]) == ("canceled", order.charge)
    assert await money_of(order) == order.charge
    assert [d["reason"] for d in await dispatches_of(order)] == ["order"]
    assert await fetch_value("SELECT cause FROM mail_messages") == f"order:{order.id}:canceled:{order.charge}"


async def test_refused_service_goes_to_the_next_provider(
    sandbox: RunningSandbox, desk: Desk, service: Service, order: PlacedOrder
) -> None:
    second = await make_provider("second")
    offered = await fetch_value("SELECT external_id FROM provider_services WHERE service = $1", service.id)
    await make_provider_service(second, service, offered)
    both = make_desk(sandbox=desk.providers["sandbox"], second=desk.providers["sandbox"])
    sandbox.set_fault("provider.incorrect_service", remaining=1)

    await sending.send(order.id, both)
    await sending.send(order.id, both)

    assert [d["state"] for d in await dispatches_of(order)] == ["rejected", "accepted"]
    assert (await dispatches_of(order))[1]["provider"] == second.id
    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 2


async def test_service_refused_by_every_provider_cancels_and_refunds(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    await fetch("UPDATE providers SET synced_at = now()")
    sandbox.set_fault("provider.error", sentence="Quantity less than minimal 5000", remaining=1)

    await sending.send(order.id, desk)

    assert (await row_of(order))["state"] == "canceled"
    assert await money_of(order) == order.charge
    assert await fetch_value("SELECT synced_at FROM providers") is None


@pytest.mark.parametrize("fault", ["invalid_key", "suspended", "not_enough_funds"])
async def test_provider_that_refuses_everybody_keeps_the_order_queued(
    sandbox: RunningSandbox, desk: Desk, service: Service, order: PlacedOrder, fault: str
) -> None:
    sandbox.set_fault(f"provider.{fault}")
    await sending.send(order.id, desk)
    [provider] = await Provider.select(Provider.healthy, Provider.trouble)
    assert (await row_of(order))["state"] == "placed"
    assert provider == {"healthy": False, "trouble": "sending"}

    # Others wait too, until one of them may try whether it works again.
    other = await place_carried(service)
    await sending.send(other.id, desk)
    assert await times_sent(sandbox, other) == 0
    sandbox.clear_faults()
    await fetch("UPDATE providers SET checked_at = checked_at - interval '1 minute'")
    await sending.send(order.id, desk)

    assert (await row_of(order))["state"] == "pending"
    assert await fetch_value("SELECT healthy FROM providers")


async def test_active_order_on_the_link_is_tried_again_later(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.set_fault("provider.active_order", remaining=1)

    await sending.send(order.id, desk)

    row = await row_of(order)
    assert row["state"] == "placed"
    assert row["next_check_at"] > now()
    assert await money_of(order) == 0


async def test_active_order_after_an_unknown_attempt_is_evidence_and_parks(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    sandbox.set_fault("provider.timeout_after", action="add", remaining=1)
    await sending.send(order.id, desk)
    # Staff decide that it never arrived, and are wrong.
    await fetch("UPDATE dispatches SET state = 'not_sent'")
    await fetch("UPDATE orders SET state = 'placed'")

    await sending.send(order.id, desk)

    assert (await row_of(order))["state"] == "parked"
    assert len(await list_cases()) == 2


# Nothing was sent


async def test_unreachable_provider_is_tried_again_with_growing_pauses(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    nobody = ApiV2("http://127.0.0.1:1/api/v2", api_key="key")
    pauses = []
    for _try in range(3):
        await fetch("UPDATE providers SET checked_at = checked_at - interval '1 minute'")
        await sending.send(order.id, make_desk(sandbox=nobody))
        pauses.append(((await row_of(order))["next_check_at"] - now()).total_seconds())
    await nobody.aclose()

    assert [dispatch["state"] for dispatch in await dispatches_of(order)] == ["not_sent"] * 3
    assert [round(pause) for pause in pauses] == [5, 10, 20]
    await fetch("UPDATE providers SET checked_at = checked_at - interval '1 minute'")
    await sending.send(order.id, desk)
    assert (await row_of(order))["state"] == "pending"


async def test_order_whose_job_was_lost_is_queued_by_the_schedule_once(order: PlacedOrder) -> None:
    await fetch("DELETE FROM pgqueuer")
    assert await sending.queue_due() == 0
    await make_due(order)

    assert [await sending.queue_due(), await sending.queue_due()] == [1, 0]

    assert await fetch_value("SELECT payload FROM pgqueuer") == str(order.id).encode()


async def test_order_that_nobody_takes_for_a_day_is_shown_to_a_person_and_still_tried(
    desk: Desk, order: PlacedOrder
) -> None:
    await fetch("UPDATE provider_services SET listed = false")
    for hours in (23, 25, 49):
        await fetch("UPDATE orders SET placed_at = $1", now() - timedelta(hours=hours))
        await sending.send(order.id, desk)
        assert len(await list_cases()) == (hours > 24)

    [case] = await list_cases()
    row = await row_of(order)
    assert (case["kind"], case["cause"], case["state"]) == ("unsent_order", f"order:{order.id}:unsent", "open")
    assert (row["state"], row["checks"]) == ("placed", 3)
    assert row["next_check_at"] > now()

    await fetch("UPDATE provider_services SET listed = true")
    await sending.send(order.id, desk)

    [case] = await list_cases()
    assert ((await row_of(order))["state"], case["state"], case["decided_by"]) == ("pending", "decided", None)


async def test_order_that_is_refused_after_a_day_closes_its_case(
    sandbox: RunningSandbox, desk: Desk, order: PlacedOrder
) -> None:
    await fetch("UPDATE orders SET placed_at = $1", now() - timedelta(hours=25))
    sandbox.set_fault("provider.active_order", remaining=1)
    await sending.send(order.id, desk)
    assert [case["state"] for case in await list_cases()] == ["open"]
    sandbox.set_fault("provider.bad_link", remaining=1)

    await sending.send(order.id, desk)

    assert [case["state"] for case in await list_cases()] == ["decided"]
    assert await money_of(order) == order.charge


async def test_order_that_no_provider_carries_out_waits(desk: Desk) -> None:
    service = await make_carried_service()
    await fetch("UPDATE provider_services SET listed = false")
    order = await place_carried(service)

    await sending.send(order.id, desk)

    row = await row_of(order)
    assert (row["state"], row["checks"]) == ("placed", 1)
    assert await dispatches_of(order) == []
