"""The actions of API v2 and the shape of each answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox import money
from sandbox.fields import Fields
from sandbox.provider import errors, orders, refills
from sandbox.provider.errors import Refusal
from sandbox.provider.progress import Order
from sandbox.world import World

Json = Any
MOST_IDS = 100


def perform(world: World, fields: Fields) -> Json:
    """Do what a call asks for. Raises Refusal with the sentence to send."""
    action = ACTIONS.get(fields.get("action", ""))
    if action is None:
        raise Refusal(errors.UNKNOWN_ACTION)
    return action(world, fields)


def list_services(world: World, _: Fields) -> Json:
    return [service.describe(orders.current_rate(world, service)) for service in orders.on_sale(world).values()]


def add(world: World, fields: Fields) -> Json:
    return {"order": wire_id(orders.place(world, fields))}


def status(world: World, fields: Fields) -> Json:
    if "orders" in fields:
        return {number: _or_error(partial(_status, world, number)) for number in _ids(fields["orders"])}
    return _status(world, _one_order(fields))


def refill(world: World, fields: Fields) -> Json:
    if "orders" in fields:
        return [
            {"order": wire(number), "refill": _or_error(partial(_refill, world, number))}
            for number in _ids(fields["orders"])
        ]
    return {"refill": str(_refill(world, _one_order(fields)))}


def refill_status(world: World, fields: Fields) -> Json:
    if "refills" in fields:
        return [
            {"refill": wire(number), "status": _or_error(partial(refills.status_of, world, number))}
            for number in _ids(fields["refills"])
        ]
    return {"status": refills.status_of(world, fields.get("refill", ""))}


def cancel(world: World, fields: Fields) -> Json:
    numbers = _ids(fields["orders"]) if "orders" in fields else [_one_order(fields)]
    return [{"order": wire(number), "cancel": _or_error(partial(_cancel, world, number))} for number in numbers]


def balance(world: World, _: Fields) -> Json:
    return {"balance": money.text(orders.balance(world)), "currency": orders.CURRENCY}


def wire_id(order: Order) -> int | str:
    return wire(order.public_id)


def wire(number: str) -> int | str:
    """An id as it is sent: a number where it is one, text where it is not."""
    return int(number) if number.isascii() and number.isdigit() else number


def _status(world: World, number: str) -> Json:
    order = orders.find(world, number)
    if order.is_dripfeed:
        children = [wire_id(run) for run in orders.runs_of(world, order)]
        return {"status": orders.dripfeed_status(world, order), "runs": order.runs, "orders": children}
    now = orders.look_at(world, order)
    return {
        "charge": money.text(order.charge - now.returned),
        "start_count": str(now.start_count),
        "status": now.status,
        "remains": now.remains,
        "currency": orders.CURRENCY,
    }


def _refill(world: World, number: str) -> int:
    return refills.ask(world, orders.find(world, number))


def _cancel(world: World, number: str) -> int:
    orders.request_cancel(world, orders.find(world, number))
    return 1


def _or_error(answer: Callable[[], Json]) -> Json:
    try:
        return answer()
    except Refusal as refusal:
        return {"error": refusal.sentence}


def _ids(text: str) -> list[str]:
    numbers = [part.strip() for part in text.split(",") if part.strip()]
    if len(numbers) > MOST_IDS:
        raise Refusal(errors.TOO_MANY_IDS)
    return numbers


def _one_order(fields: Fields) -> str:
    """Old clients name the order `id` or `order_id`, and call a refill's order `refill`."""
    return next((fields[name] for name in ("order", "id", "order_id", "refill") if fields.get(name)), "")


ACTIONS: dict[str, Callable[[World, Fields], Json]] = {
    "services": list_services,
    "add": add,
    "status": status,
    "refill": refill,
    "refill_status": refill_status,
    "cancel": cancel,
    "balance": balance,
}
