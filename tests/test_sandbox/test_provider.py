from decimal import Decimal

import httpx
import pytest

from sandbox.provider.catalogue import services
from sandbox.testing import RunningSandbox
from tests.test_sandbox.conftest import LINK, Reseller, first_of

DUPLICATE = "You have active order with this link. Please wait until order being completed."


async def test_add_answers_a_number_and_charges_the_balance(sandbox: RunningSandbox, reseller: Reseller) -> None:
    answer = await reseller.ask("add", service=1001, link=LINK, quantity=1000)

    assert list(answer) == ["order"]
    assert isinstance(answer["order"], int)
    assert await reseller.ask("balance") == {"balance": "9997.37000", "currency": "USD"}


async def test_add_charges_exactly_and_rounds_up_at_the_eighth_place(reseller: Reseller) -> None:
    service = next(
        each for each in services().values() if each.kind == "Default" and each.rate.as_tuple().exponent == -7
    )

    order = await reseller.add(service=str(service.id), quantity=service.minimum + 1)

    exact = service.rate * (service.minimum + 1) / 1000
    charged = Decimal((await reseller.ask("status", order=order))["charge"])
    assert 0 <= charged - exact < Decimal("0.00000001")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"service": "9"}, "Incorrect service ID"),
        ({"service": "abc"}, "Incorrect service ID"),
        ({"link": ""}, "Bad link"),
        ({"link": "javascript:alert(1)"}, "Bad link"),
        ({"quantity": "199"}, "Quantity less than minimal 200"),
        ({"quantity": "many"}, "Quantity less than minimal 200"),
        ({"quantity": "2001"}, "Quantity more than maximum 2000"),
    ],
)
async def test_add_refuses_with_the_classic_sentence(
    sandbox: RunningSandbox, reseller: Reseller, changed: dict[str, str], sentence: str
) -> None:
    fields = {"service": "1001", "link": LINK, "quantity": "1000", **changed}

    answer = await reseller.send("add", **fields)

    assert (answer.status_code, answer.json()) == (200, {"error": sentence})
    assert sandbox.orders() == []
    assert sandbox.provider_balance() == 10_000


async def test_add_refuses_an_empty_wallet(sandbox: RunningSandbox, reseller: Reseller) -> None:
    sandbox.set_provider_balance("2.62")

    assert await reseller.ask("add", service=1001, link=LINK, quantity=1000) == {"error": "Not enough funds on balance"}
    assert sandbox.provider_balance() == Decimal("2.62")


async def test_add_refuses_the_same_link_while_an_order_is_active(sandbox: RunningSandbox, reseller: Reseller) -> None:
    order = await reseller.add()

    again = await reseller.ask("add", service=1001, link=LINK, quantity=500)
    sandbox.end_order(order)
    later = await reseller.ask("add", service=1001, link=LINK, quantity=500)

    assert again == {"error": DUPLICATE}
    assert list(later) == ["order"]


async def test_package_costs_its_rate(sandbox: RunningSandbox, reseller: Reseller) -> None:
    package = first_of("Package")

    await reseller.ask("add", service=package.id, link=LINK)

    assert sandbox.provider_balance() == 10_000 - package.rate


async def test_custom_comments_are_counted_by_line(sandbox: RunningSandbox, reseller: Reseller) -> None:
    service = first_of("Custom Comments", minimum=1)

    answer = await reseller.ask("add", service=service.id, link=LINK, comments="Thank you\r\n\r\nGlad to hear\n")

    assert list(answer) == ["order"]
    assert sandbox.orders()[0].quantity == 2


async def test_web_traffic_needs_country_device_and_the_field_of_its_source(reseller: Reseller) -> None:
    service = first_of("Web Traffic")
    fields = {"service": service.id, "link": LINK, "quantity": service.minimum}

    without = await reseller.ask("add", **fields)
    no_keyword = await reseller.ask("add", **fields, country="DE", device=1, type_of_traffic=1)
    complete = await reseller.ask("add", **fields, country="DE", device=1, type_of_traffic=1, google_keyword="tea")

    assert without == {"error": "Missing field: country"}
    assert no_keyword == {"error": "Missing field: google_keyword"}
    assert list(complete) == ["order"]


async def test_order_goes_from_pending_over_in_progress_to_completed(
    sandbox: RunningSandbox, reseller: Reseller
) -> None:
    order = await reseller.add()

    pending = await reseller.ask("status", order=order)
    sandbox.advance(9)
    running = await reseller.ask("status", order=order)
    sandbox.advance(17)
    done = await reseller.ask("status", order=order)

    assert pending == {
        "charge": "2.63000", "start_count": "0", "status": "Pending", "remains": "1000", "currency": "USD",
    }  # fmt: skip
    assert running["status"] == "In progress"
    assert 0 < int(running["remains"]) < 1000
    assert (done["status"], done["remains"], done["charge"]) == ("Completed", "0", "2.63000")


async def test_status_of_many_orders_is_keyed_by_id_in_the_asked_order(reseller: Reseller) -> None:
    first, second = await reseller.add(LINK + "/1"), await reseller.add(LINK + "/2")

    answer = await reseller.ask("status", orders=f"{second},7,{first}")

    assert list(answer) == [second, "7", first]
    assert answer["7"] == {"error": "Incorrect order ID"}
    assert answer[first]["status"] == "Pending"


async def test_status_of_more_than_100_orders_is_refused(reseller: Reseller) -> None:
    answer = await reseller.ask("status", orders=",".join(str(number) for number in range(101)))

    assert answer == {"error": "At most 100 ids in one call"}


async def test_status_of_an_unknown_order_is_an_error(reseller: Reseller) -> None:
    assert await reseller.ask("status", order="7") == {"error": "Incorrect order ID"}


async def test_status_takes_the_old_names_of_the_order(reseller: Reseller) -> None:
    order = await reseller.add()

    assert (await reseller.ask("status", id=order))["status"] == "Pending"
    assert (await reseller.ask("status", order_id=order))["status"] == "Pending"


async def test_wrong_key_is_refused_for_every_action(client: httpx.AsyncClient, sandbox: RunningSandbox) -> None:
    answer = await client.post(sandbox.provider_url, data={"key": "wrong", "action": "balance"})

    assert (answer.status_code, answer.json()) == (200, {"error": "Invalid API key"})


async def test_unknown_action_is_refused(reseller: Reseller) -> None:
    assert await reseller.ask("dance") == {"error": "Unknown action specified!"}


async def test_get_json_and_header_keys_are_understood(client: httpx.AsyncClient, sandbox: RunningSandbox) -> None:
    key, url = sandbox.settings.provider_key, sandbox.provider_url

    answers = [
        await client.get(url, params={"key": key, "action": "balance"}),
        await client.post(url, json={"key": key, "action": "balance"}),
        await client.post(url, data={"action": "balance"}, headers={"X-Api-Key": key}),
        await client.post(url, data={"action": "balance"}, headers={"Authorization": f"Bearer {key}"}),
    ]

    assert [answer.json()["balance"] for answer in answers] == ["10000.00000"] * 4


async def test_calls_are_written_down_without_the_key(sandbox: RunningSandbox, reseller: Reseller) -> None:
    await reseller.add()
    await reseller.ask("balance")

    assert [call.action for call in sandbox.calls()] == ["add", "balance"]
    assert sandbox.adds() == [{"service": "1001", "link": LINK, "quantity": "1000"}]


async def test_speed_shortens_an_order(sandbox: RunningSandbox) -> None:
    from sandbox.provider.progress import Order, progress

    order = Order(1, "1", 1001, LINK, 100, Decimal(1), 0, 0, 5, "completed", None, None, None, 1, False)

    assert progress(order, now=2.6, speed=1).status == "Pending"
    assert progress(order, now=2.6, speed=10).status == "Completed"
