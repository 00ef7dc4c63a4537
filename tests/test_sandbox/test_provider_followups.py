from decimal import Decimal

from sandbox.testing import RunningSandbox
from tests.test_sandbox.conftest import Reseller, first_of


async def test_cancel_answers_an_array_with_errors_inside(reseller: Reseller) -> None:
    order = await reseller.add()

    answer = await reseller.ask("cancel", orders=f"9,{order}")

    assert answer == [{"order": 9, "cancel": {"error": "Incorrect order ID"}}, {"order": int(order), "cancel": 1}]


async def test_cancel_before_the_start_returns_the_whole_charge(sandbox: RunningSandbox, reseller: Reseller) -> None:
    order = await reseller.add()

    await reseller.ask("cancel", orders=order)
    at_once = (await reseller.ask("status", order=order))["status"]
    sandbox.advance(4)

    assert at_once == "Pending"
    assert (await reseller.ask("status", order=order))["status"] == "Canceled"
    assert sandbox.provider_balance() == 10_000


async def test_cancel_half_way_keeps_the_price_of_what_was_delivered(
    sandbox: RunningSandbox, reseller: Reseller
) -> None:
    order = await reseller.add()

    sandbox.advance(9)
    await reseller.ask("cancel", orders=order)
    sandbox.advance(4)
    status = await reseller.ask("status", order=order)

    assert status["status"] == "Partial"
    # 1000 pieces at 2.63: each costs 0.00263 exactly.
    assert Decimal(status["charge"]) == (1000 - int(status["remains"])) * Decimal("0.00263")
    assert sandbox.provider_balance() == 10_000 - Decimal(status["charge"])


async def test_cancel_is_refused_where_the_service_or_the_state_forbids_it(
    sandbox: RunningSandbox, reseller: Reseller
) -> None:
    fixed = first_of("Package", cancel=False)
    unstoppable = await reseller.add(service=str(fixed.id))
    done = await reseller.add()
    sandbox.end_order(done)

    answer = await reseller.ask("cancel", orders=f"{unstoppable},{done}")

    assert [row["cancel"]["error"] for row in answer] == [
        "Cancel is disabled for this service",
        "The order can no longer be canceled",
    ]


async def test_refill_answers_a_string_and_comes_to_an_end(sandbox: RunningSandbox, reseller: Reseller) -> None:
    order = await reseller.add()
    sandbox.end_order(order)

    answer = await reseller.ask("refill", order=order)
    first = await reseller.ask("refill_status", refill=answer["refill"])
    sandbox.advance(11)
    last = await reseller.ask("refill_status", refill=answer["refill"])

    assert isinstance(answer["refill"], str)
    assert (first, last) == ({"status": "Pending"}, {"status": "Completed"})


async def test_refill_of_many_orders_is_an_array_with_errors_inside(
    sandbox: RunningSandbox, reseller: Reseller
) -> None:
    order = await reseller.add()
    sandbox.end_order(order)

    made = await reseller.ask("refill", orders=f"{order},3")
    number = made[0]["refill"]
    states = await reseller.ask("refill_status", refills=f"{number},999999")

    assert made == [
        {"order": int(order), "refill": number},
        {"order": 3, "refill": {"error": "Incorrect order ID"}},
    ]
    assert states == [
        {"refill": number, "status": "Pending"},
        {"refill": 999999, "status": {"error": "Refill not found"}},
    ]


async def test_refill_is_refused_before_the_end_too_soon_and_where_disabled(
    sandbox: RunningSandbox, reseller: Reseller
) -> None:
    order = await reseller.add()
    disabled = await reseller.add(service=str(first_of("Package").id))

    early = await reseller.ask("refill", order=order)
    sandbox.end_order(order)
    await reseller.ask("refill", order=order)
    again = await reseller.ask("refill", order=order)

    assert early == {"error": "The order is not completed"}
    assert again == {"error": "The order was completed or refill was requested less than 24 hours ago"}
    assert await reseller.ask("refill", order=disabled) == {"error": "Refill is disabled for this service"}


async def test_dripfeed_charges_all_runs_and_lists_those_that_began(
    sandbox: RunningSandbox, reseller: Reseller
) -> None:
    service = first_of("Default", dripfeed=True)

    parent = await reseller.add(service=str(service.id), quantity=service.minimum, runs=3, interval=10)
    first = await reseller.ask("status", order=parent)
    sandbox.advance(600)
    second = await reseller.ask("status", order=parent)
    sandbox.advance(700)
    last = await reseller.ask("status", order=parent)

    assert (first["status"], first["runs"], len(first["orders"])) == ("In progress", 3, 1)
    assert len(second["orders"]) == 2
    assert (last["status"], len(last["orders"])) == ("Completed", 3)
    assert sandbox.provider_balance() == 10_000 - 3 * service.rate * service.minimum / 1000
