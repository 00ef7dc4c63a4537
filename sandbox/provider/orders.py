"""The provider's orders: taking them, charging for them, giving money back when they end short."""

import secrets
import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox import money
from sandbox.fields import Fields
from sandbox.provider import errors
from sandbox.provider.catalogue import Service, services
from sandbox.provider.errors import Refusal
from sandbox.provider.order_fields import check_link, check_needed, read_interval, read_quantity, read_runs
from sandbox.provider.progress import Order, Progress, progress
from sandbox.world import World

CURRENCY = "USD"
OPENING_BALANCE = Decimal(10_000)
OUTCOMES = ("partial", "canceled_zero", "canceled", "never")


@dataclass(frozen=True)
class Outcome:
    name: str = "completed"
    remains: str | None = None


def place(world: World, fields: Fields) -> Order:
    """Check, charge and accept an order. Raises Refusal, and then nothing was charged."""
    service = find_service(world, fields.get("service", ""))
    check_needed(service, fields)
    link = check_link(fields.get("link", ""))
    quantity, runs = read_quantity(service, fields), read_runs(service, fields)
    _refuse_duplicate(world, service, link)
    each = price_of(world, service, quantity)
    _pay(world, each * runs)
    first = _insert(world, service, link, quantity, each * runs, runs=runs, outcome=_next_outcome(world))
    if runs > 1:
        _insert_runs(world, first, service, each, interval=read_interval(fields))
    return first


def find_service(world: World, number: str) -> Service:
    service = on_sale(world).get(int(number)) if number.isascii() and number.isdigit() else None
    if service is None:
        raise Refusal(errors.INCORRECT_SERVICE)
    return service


def on_sale(world: World) -> dict[int, Service]:
    return services(world.settings.services_per_category)


def price_of(world: World, service: Service, quantity: int) -> Decimal:
    rate = current_rate(world, service)
    return rate if service.is_package else money.charge_for(rate, quantity)


def current_rate(world: World, service: Service) -> Decimal:
    """The rate as listed now, with a price jump where one is switched on."""
    jump = world.faults.find("provider.price_jump")
    if jump is None or not is_chosen(service, jump):
        return service.rate
    return service.rate * (money.parse(jump.get("factor", "3")) or Decimal(3))


def is_chosen(service: Service, options: Fields) -> bool:
    """Whether a fault's comma-separated `services` names this one; without a list it means all."""
    chosen = options.get("services", "")
    return not chosen or str(service.id) in {part.strip() for part in chosen.split(",")}


def find(world: World, public_id: str) -> Order:
    row = world.store.one("SELECT * FROM provider_order WHERE public_id = ?", public_id.strip())
    if row is None:
        raise Refusal(errors.INCORRECT_ORDER)
    return _read(row)


def newest(world: World, limit: int) -> list[Order]:
    return [_read(row) for row in world.store.all("SELECT * FROM provider_order ORDER BY id DESC LIMIT ?", limit)]


def runs_of(world: World, order: Order) -> list[Order]:
    """The runs of a drip-feed that have begun."""
    sql = "SELECT * FROM provider_order WHERE parent = ? AND starts_at <= ? ORDER BY id"
    return [_read(row) for row in world.store.all(sql, order.id, world.clock.now())]


def look_at(world: World, order: Order) -> Progress:
    return progress(order, now=world.clock.now(), speed=world.settings.speed)


def dripfeed_status(world: World, order: Order) -> str:
    runs = runs_of(world, order)
    if len(runs) < order.runs or not all(look_at(world, run).is_final for run in runs):
        return "In progress"
    return "Completed"


def request_cancel(world: World, order: Order) -> None:
    if not on_sale(world)[order.service].cancel:
        raise Refusal(errors.CANCEL_DISABLED)
    if order.canceled_at is not None or look_at(world, order).is_final:
        raise Refusal(errors.CANCEL_TOO_LATE)
    world.store.change("UPDATE provider_order SET canceled_at = ? WHERE id = ?", world.clock.now(), order.id)


def choose_outcome(world: World, order: Order, outcome: Outcome) -> None:
    """Decide how an order ends that has not ended yet."""
    world.store.change(
        "UPDATE provider_order SET outcome = ?, outcome_remains = ? WHERE id = ? AND settled = 0",
        outcome.name,
        outcome.remains,
        order.id,
    )


def finish_now(world: World, order: Order) -> None:
    """Let an open order have begun so long ago that it is at its end."""
    world.store.change("UPDATE provider_order SET starts_at = 0 WHERE id = ? AND settled = 0", order.id)


def balance(world: World) -> Decimal:
    """The reseller's money with this provider, after giving back what ended orders left over."""
    _settle(world)
    return _stored_balance(world)


def set_balance(world: World, amount: Decimal) -> None:
    world.store.change("INSERT OR REPLACE INTO provider_balance (id, amount) VALUES (1, ?)", str(amount))


def _pay(world: World, charge: Decimal) -> None:
    available = _stored_balance(world)
    if available < charge:
        available = balance(world)
    if available < charge:
        raise Refusal(errors.NOT_ENOUGH_FUNDS)
    set_balance(world, available - charge)


def _settle(world: World) -> None:
    returned = Decimal(0)
    for row in world.store.all("SELECT * FROM provider_order WHERE settled = 0"):
        order = _read(row)
        state = look_at(world, order)
        if state.is_final:
            returned += Decimal(0) if order.is_dripfeed else state.returned
            world.store.change("UPDATE provider_order SET settled = 1 WHERE id = ?", order.id)
    if returned:
        set_balance(world, _stored_balance(world) + returned)


def _stored_balance(world: World) -> Decimal:
    row = world.store.one("SELECT amount FROM provider_balance WHERE id = 1")
    return Decimal(row["amount"]) if row else OPENING_BALANCE


def _refuse_duplicate(world: World, service: Service, link: str) -> None:
    sql = "SELECT * FROM provider_order WHERE service = ? AND link = ? AND settled = 0"
    for row in world.store.all(sql, service.id, link):
        if not look_at(world, _read(row)).is_final:
            raise Refusal(errors.ACTIVE_ORDER)


def _next_outcome(world: World) -> Outcome:
    for name in OUTCOMES:
        options = world.faults.take(f"provider.outcome_{name}")
        if options is not None:
            return Outcome(name, options.get("remains"))
    return Outcome()


def _insert(
    world: World,
    service: Service,
    link: str,
    quantity: int,
    charge: Decimal,
    *,
    outcome: Outcome,
    runs: int = 1,
    parent: int | None = None,
    starts_at: float | None = None,
) -> Order:
    now = world.clock.now()
    number = world.store.insert(
        "provider_order",
        service=service.id,
        link=link,
        quantity=quantity,
        charge=str(charge),
        placed_at=now,
        starts_at=now if starts_at is None else starts_at,
        start_count=secrets.randbelow(20_000),
        outcome=outcome.name,
        outcome_remains=outcome.remains,
        runs=runs,
        parent=parent,
    )
    hexadecimal = world.faults.take("provider.text_order_ids") is not None
    public_id = secrets.token_hex(12) if hexadecimal else str(number)
    world.store.change("UPDATE provider_order SET public_id = ? WHERE id = ?", public_id, number)
    return find(world, public_id)


def _insert_runs(world: World, first: Order, service: Service, each: Decimal, *, interval: int) -> None:
    for run in range(first.runs):
        starts_at = first.placed_at + run * interval * 60 / world.settings.speed
        _insert(
            world, service, first.link, first.quantity, each, outcome=Outcome(), parent=first.id, starts_at=starts_at
        )


def _read(row: sqlite3.Row) -> Order:
    values = dict(row)
    return Order(**values | {"charge": Decimal(row["charge"]), "settled": bool(row["settled"])})
