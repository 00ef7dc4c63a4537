"""The provider as a person sees it: orders, calls, catalogue, and the levers on an order."""

from dataclasses import asdict
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from sandbox import money
from sandbox.fields import Fields, read_fields
from sandbox.provider import calls, orders
from sandbox.provider.errors import Refusal
from sandbox.provider.orders import Outcome
from sandbox.provider.progress import Order
from sandbox.world import World

WebRequest = Request[Any, Any, Any]
OUTCOMES = ("completed", *orders.OUTCOMES)
SHOWN = 100


@get("/provider")
async def list_orders(world: NamedDependency[World]) -> Template:
    rows = [_row(world, order) for order in orders.newest(world, SHOWN)]
    context = {"rows": rows, "balance": orders.balance(world), "outcomes": OUTCOMES}
    return Template("provider/orders.html", context=context)


@get("/provider/services")
async def list_services(world: NamedDependency[World]) -> Template:
    return Template("provider/services.html", context={"services": orders.on_sale(world).values()})


@get("/provider/calls")
async def list_calls(world: NamedDependency[World], action: FromQuery[str] = "") -> Template:
    return Template("provider/calls.html", context={"calls": calls.list_calls(world, action=action), "action": action})


@get("/provider/calls.json")
async def list_calls_json(world: NamedDependency[World], action: FromQuery[str] = "") -> list[dict[str, Any]]:
    return [asdict(call) for call in calls.list_calls(world, action=action, limit=10_000)]


@get("/provider/orders.json")
async def list_orders_json(world: NamedDependency[World]) -> list[dict[str, Any]]:
    return [_shape(world, order) for order in orders.newest(world, 10_000)]


@post("/provider/orders/{public_id:str}", status_code=200)
async def change_order(request: WebRequest, public_id: FromPath[str], world: NamedDependency[World]) -> Redirect:
    """Fields: `outcome` and `remains` decide how the order ends; `finish=1` ends it now."""
    fields = await read_fields(request)
    order = _find(world, public_id)
    outcome = fields.get("outcome") or order.outcome
    if outcome not in OUTCOMES:
        raise ClientException(f"outcome must be one of {', '.join(OUTCOMES)}.")
    orders.choose_outcome(world, order, Outcome(outcome, fields.get("remains") or order.outcome_remains))
    if fields.get("finish") == "1":
        orders.finish_now(world, order)
    return Redirect("/provider", status_code=303)


@post("/provider/balance", status_code=200)
async def change_balance(request: WebRequest, world: NamedDependency[World]) -> Redirect:
    amount = money.parse((await read_fields(request)).get("amount", ""))
    if amount is None:
        raise ClientException("amount must be a number.")
    orders.balance(world)  # what ended orders left over goes back before, not on top of the new amount
    orders.set_balance(world, amount)
    return Redirect("/provider", status_code=303)


def _find(world: World, public_id: str) -> Order:
    try:
        return orders.find(world, public_id)
    except Refusal as error:
        raise NotFoundException("There is no such order.") from error


def _row(world: World, order: Order) -> dict[str, Any]:
    return {"order": order, "now": orders.look_at(world, order), "service": orders.on_sale(world)[order.service]}


def _shape(world: World, order: Order) -> Fields:
    now = orders.look_at(world, order)
    return {
        "order": order.public_id,
        "service": str(order.service),
        "link": order.link,
        "quantity": str(order.quantity),
        "charge": money.text(order.charge),
        "status": now.status,
        "remains": now.remains,
    }


HANDLERS = (list_orders, list_services, list_calls, list_calls_json, list_orders_json, change_order, change_balance)
