"""The sandbox's own front page, its faults page and their JSON twins."""

from typing import Any

from litestar import Request, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from sandbox.cardlink import bills
from sandbox.fault_kinds import KINDS
from sandbox.faults import Fault, UnknownFault
from sandbox.fields import Fields, read_fields
from sandbox.mail import messages
from sandbox.provider import calls, orders
from sandbox.world import World

WebRequest = Request[Any, Any, Any]
AREAS = {"provider": "The provider", "cardlink": "The card processor", "smtp": "The mail host"}


@get("/")
async def show_index(world: NamedDependency[World]) -> Template:
    context = {
        "settings": world.settings,
        "mails": messages.list_mails(world, limit=5),
        "bills": bills.newest(world, 5),
        "calls": calls.list_calls(world, limit=5),
        "balance": orders.balance(world),
        "faults": world.faults.list_on(),
    }
    return Template("index.html", context=context)


@get("/faults")
async def list_faults(world: NamedDependency[World]) -> Template:
    switched_on = {fault.name: fault for fault in world.faults.list_on()}
    by_area = {title: [kind for kind in KINDS.values() if kind.area == area] for area, title in AREAS.items()}
    return Template("faults.html", context={"areas": by_area, "switched_on": switched_on})


@post("/faults/{name:str}", status_code=200)
async def switch_fault(request: WebRequest, name: FromPath[str], world: NamedDependency[World]) -> Redirect:
    fields = await read_fields(request)
    if fields.pop("switch", "on") == "off":
        world.faults.switch_off(name)
    else:
        _switch_on(world, name, fields)
    return Redirect(f"/faults#{name}", status_code=303)


@post("/faults/clearing", status_code=200)
async def clear_faults(world: NamedDependency[World]) -> Redirect:
    world.faults.clear()
    return Redirect("/faults", status_code=303)


@get("/faults.json")
async def list_faults_json(world: NamedDependency[World]) -> list[dict[str, Any]]:
    return [_shape(fault) for fault in world.faults.list_on()]


@post("/faults.json", status_code=200)
async def switch_on_json(request: WebRequest, world: NamedDependency[World]) -> list[dict[str, Any]]:
    """Body: `name`, and where wanted `remaining` and the fault's own options."""
    fields = await read_fields(request)
    _switch_on(world, fields.pop("name", ""), fields)
    return [_shape(fault) for fault in world.faults.list_on()]


@delete("/faults.json", status_code=204)
async def switch_off_json(world: NamedDependency[World], name: FromQuery[str] = "") -> None:
    """Switch one fault off, or all of them."""
    if name:
        world.faults.switch_off(name)
    else:
        world.faults.clear()


@post("/clock.json", status_code=200)
async def advance_clock(request: WebRequest, world: NamedDependency[World]) -> dict[str, float]:
    """Body: `advance`, the seconds to move the sandbox's time forward."""
    world.clock.advance(float((await read_fields(request)).get("advance", "0")))
    return {"now": world.clock.now()}


def _switch_on(world: World, name: str, fields: Fields) -> None:
    remaining = fields.pop("remaining", "").strip()
    if remaining and not remaining.isdigit():
        raise ClientException("remaining must be a whole number.")
    try:
        world.faults.switch_on(name, remaining=int(remaining) if remaining else None, options=fields)
    except UnknownFault as error:
        raise ClientException(f"There is no fault {name!r}.") from error


def _shape(fault: Fault) -> dict[str, Any]:
    return {"name": fault.name, "remaining": fault.remaining, "options": fault.options}


router = Router(
    "/",
    route_handlers=[
        show_index,
        list_faults,
        switch_fault,
        clear_faults,
        list_faults_json,
        switch_on_json,
        switch_off_json,
        advance_clock,
    ],
)
