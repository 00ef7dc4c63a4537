"""Sending orders to a provider on a real socket, with everything that can go wrong on the way."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain import wallet
from domain.clock import now
from domain.dispatch import sending
from domain.dispatch.desk import Desk
from domain.dispatch.outcomes import record_accepted
from domain.dispatch.starting import start
from domain.orders import PlacedOrder
from gateways.api_v2 import ApiV2
from models.catalog import Provider, Service
from models.database import fetch, fetch_value
from sandbox.testing import RunningSandbox, running_sandbox
from tests.dispatching import (
    dispatches_of,
    list_cases,
    make_carried_service,
    make_desk,
    make_due,
    open_gateway,
    place_carried,
    row_of,
)
from tests.factories import make_provider, make_provider_service


@pytest.fixture(scope="module")
async def outside() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(hang=3.0) as outside:
        yield outside


@pytest.fixture
def sandbox(outside: RunningSandbox) -> RunningSandbox:
    outside.clear_faults()
    outside.set_provider_balance("100000")
    return outside


@pytest.fixture
async def desk(sandbox: RunningSandbox) -> AsyncIterator[Desk]:
    gateway = open_gateway(sandbox)
    yield make_desk(sandbox=gateway)
    await gateway.aclose()


@pytest.fixture
async def service() -> Service:
    return await make_carried_service()


@pytest.fixture
async def order(service: Service) -> PlacedOrder:
    return await place_carried(service)


async def times_sent(sandbox: RunningSandbox, order: PlacedOrder) -> int:
    """How often the provider saw an `add` with this order's link, which no other order has."""
    link = (await row_of(order))["link"]
    return sum(fields["link"] == link for fields in sandbox.adds())


async def money_of(order: PlacedOrder) -> int:
    return await wallet.balance((await row_of(order))["account"], currency="USD")


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
    assert await fetch_value("SELECT cause FROM mail_messages") == f"order:{order.id}:canceled"


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


async def test_order_that_no_provider_carries_out_waits(desk: Desk) -> None:
    service = await make_carried_service()
    await fetch("UPDATE provider_services SET listed = false")
    order = await place_carried(service)

    await sending.send(order.id, desk)

    row = await row_of(order)
    assert (row["state"], row["checks"]) == ("placed", 1)
    assert await dispatches_of(order) == []


# Nobody knows


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
