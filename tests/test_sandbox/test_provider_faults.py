import asyncio

import httpx
import pytest

from sandbox.testing import RunningSandbox
from tests.test_sandbox.conftest import LINK, Reseller

IMPATIENT = httpx.Timeout(0.3)


async def place(reseller: Reseller) -> httpx.Response:
    return await reseller.send("add", service=1001, link=LINK, quantity=1000)


@pytest.mark.parametrize(("fault", "accepted"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_timeout_leaves_the_caller_without_an_answer(
    sandbox: RunningSandbox, reseller: Reseller, client: httpx.AsyncClient, fault: str, accepted: int
) -> None:
    client.timeout = IMPATIENT
    sandbox.set_fault(f"provider.{fault}", remaining=1)

    with pytest.raises(httpx.ReadTimeout):
        await place(reseller)

    assert (len(sandbox.orders()), len(sandbox.adds())) == (accepted, 1)


@pytest.mark.parametrize(("fault", "accepted"), [("reset_before", 0), ("reset_after", 1)])
async def test_reset_tears_the_connection_down(
    sandbox: RunningSandbox, reseller: Reseller, fault: str, accepted: int
) -> None:
    sandbox.set_fault(f"provider.{fault}", remaining=1)

    with pytest.raises(httpx.ReadError):
        await place(reseller)

    assert len(sandbox.orders()) == accepted


@pytest.mark.parametrize(
    ("fault", "status", "start", "accepted"),
    [
        ("error_page_before", 502, "<html>", 0),
        ("error_page_after", 502, "<html>", 1),
        ("html", 200, "<!DOCTYPE html>", 1),
        ("empty_body", 200, "", 1),
        ("truncated_json", 200, '{"order"', 1),
        ("no_order_id", 200, '{"status": "success"}', 1),
        ("byte_order_mark", 200, "\ufeff{", 1),
    ],
)
async def test_spoiled_answer_hides_whether_the_order_was_accepted(
    sandbox: RunningSandbox, reseller: Reseller, fault: str, status: int, start: str, accepted: int
) -> None:
    sandbox.set_fault(f"provider.{fault}", remaining=1)

    answer = await place(reseller)

    assert answer.status_code == status
    assert answer.content.decode()[: len(start)] == start
    assert (answer.content == b"") is (fault == "empty_body")
    assert len(sandbox.orders()) == accepted


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("invalid_key", "Invalid API key"),
        ("suspended", "Your account has been suspended."),
        ("incorrect_service", "Incorrect service ID"),
        ("bad_link", "Bad link"),
        ("not_enough_funds", "Not enough funds on balance"),
        ("active_order", "You have active order with this link. Please wait until order being completed."),
    ],
)
async def test_refusal_faults_say_the_sentence_once(
    sandbox: RunningSandbox, reseller: Reseller, fault: str, sentence: str
) -> None:
    sandbox.set_fault(f"provider.{fault}", remaining=1)

    assert (await place(reseller)).json() == {"error": sentence}
    assert sandbox.orders() == []
    assert list((await place(reseller)).json()) == ["order"]


async def test_any_sentence_can_be_sent_at_any_status(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.error", sentence="Too many requests", http_status=429)

    answer = await place(reseller)

    assert (answer.status_code, answer.json()) == (429, {"error": "Too many requests"})


async def test_fault_for_one_action_spares_the_others(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.error_page_before", remaining=1, action="status")

    order = await reseller.add()
    broken = await reseller.send("status", order=order)
    healthy = await reseller.send("status", order=order)

    assert (broken.status_code, healthy.status_code) == (502, 200)


async def test_faults_run_out_after_their_count(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.html", remaining=2, action="balance")

    kinds = [(await reseller.send("balance")).headers["content-type"] for _ in range(3)]

    assert [kind.partition(";")[0] for kind in kinds] == ["text/html", "text/html", "application/json"]


@pytest.mark.parametrize(("key", "expected"), [("order_id", ["order_id"]), ("id", ["id"]), ("data.order", ["data"])])
async def test_order_id_comes_under_another_name(
    sandbox: RunningSandbox, reseller: Reseller, key: str, expected: list[str]
) -> None:
    sandbox.set_fault("provider.order_id_name", key=key)

    assert list((await place(reseller)).json()) == expected


async def test_order_ids_can_be_text(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.text_order_ids", remaining=1)

    order = await reseller.add()

    assert len(order) == 24
    assert (await reseller.ask("status", orders=order))[order]["status"] == "Pending"


async def test_status_dialects_bend_the_answer(sandbox: RunningSandbox, reseller: Reseller) -> None:
    order = await reseller.add()
    for name in ("null_start_count", "unknown_remains", "odd_words", "single_status_keyed"):
        sandbox.set_fault(f"provider.{name}", remaining=1)

    answer = await reseller.ask("status", order=order)

    assert answer == {
        order: {"charge": "2.63000", "start_count": None, "status": "PENDING", "remains": "Unknown", "currency": "USD"}
    }


async def test_multi_status_list_holds_a_stranger_and_is_reversed(sandbox: RunningSandbox, reseller: Reseller) -> None:
    first, second = await reseller.add(LINK + "/1"), await reseller.add(LINK + "/2")
    sandbox.set_fault("provider.multi_status_list")

    answer = await reseller.ask("status", orders=f"{first},{second}")

    assert [row["order"] for row in answer] == ["1", second, first]


async def test_errors_of_single_orders_can_be_bare_strings(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.bare_string_errors")

    assert await reseller.ask("status", orders="7") == {"7": "Incorrect order ID"}


async def test_batch_calls_can_fail_as_a_whole(sandbox: RunningSandbox, reseller: Reseller) -> None:
    order = await reseller.add()
    sandbox.set_fault("provider.batch_fails")

    assert list(await reseller.ask("status", orders=order)) == ["error"]
    assert (await reseller.ask("status", order=order))["status"] == "Pending"


async def test_next_order_ends_partial_with_the_given_remains(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.outcome_partial", remaining=1, remains=400)

    order = await reseller.add()
    sandbox.advance(26)

    status = await reseller.ask("status", order=order)
    assert (status["status"], status["remains"], status["charge"]) == ("Partial", "400", "1.57800")
    assert (await reseller.ask("balance"))["balance"] == "9998.42200"


@pytest.mark.parametrize(("fault", "remains"), [("outcome_canceled", "1000"), ("outcome_canceled_zero", "0")])
async def test_next_order_ends_canceled_and_costs_nothing(
    sandbox: RunningSandbox, reseller: Reseller, fault: str, remains: str
) -> None:
    sandbox.set_fault(f"provider.{fault}", remaining=1)

    order = await reseller.add()
    sandbox.advance(26)

    status = await reseller.ask("status", order=order)
    assert (status["status"], status["remains"], status["charge"]) == ("Canceled", remains, "0.00000")
    assert (await reseller.ask("balance"))["balance"] == "10000.00000"


async def test_next_order_never_ends(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_fault("provider.outcome_never", remaining=1)

    order = await reseller.add()
    sandbox.advance(100_000)

    status = await reseller.ask("status", order=order)
    assert (status["status"], status["remains"]) == ("In progress", "630")


async def test_a_hanging_answer_does_not_hold_up_the_others(
    sandbox: RunningSandbox, reseller: Reseller, client: httpx.AsyncClient
) -> None:
    client.timeout = httpx.Timeout(1)
    sandbox.set_fault("provider.timeout_after", remaining=1, action="add")
    hanging = asyncio.create_task(place(reseller))
    await asyncio.sleep(0.1)

    assert await reseller.ask("balance") == {"balance": "9997.37000", "currency": "USD"}
    with pytest.raises(httpx.ReadTimeout):
        await hanging
