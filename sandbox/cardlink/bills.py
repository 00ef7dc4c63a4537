"""Bills: what a shop asks a payer for."""

import secrets
import sqlite3
import string
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from sandbox import money
from sandbox.fields import Fields
from sandbox.world import World

CURRENCIES = ("RUB", "USD", "EUR")
KINDS = ("normal", "multi")
PAYABLE = ("NEW", "FAIL")  # a payer whose card was declined may try another one


class Unprocessable(Exception):
    """A field is missing or wrong; `errors` says which, as the API's 422 does."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class Missing(LookupError):
    """No such bill, payment or refund."""


@dataclass(frozen=True)
class Bill:
    id: str
    order_id: str
    amount: Decimal
    currency: str
    kind: str
    status: str
    active: bool
    created_at: float
    ttl: int | None
    description: str
    custom: str
    success_url: str
    fail_url: str
    return_url: str
    payer_pays_commission: bool

    def is_payable(self) -> bool:
        return self.active and (self.kind == "multi" or self.status in PAYABLE)


def create(world: World, fields: Fields) -> Bill:
    """Open a bill. Raises Unprocessable. Nothing makes a repeat with the same order_id return the same bill."""
    amount = money.parse(fields.get("amount", ""))
    _check(world, fields, amount)
    bill_id = new_id()
    returns = f"{world.settings.shop_url}/payments/cardlink"
    world.store.insert(
        "bill",
        id=bill_id,
        order_id=fields.get("order_id", ""),
        amount=str(amount),
        currency=fields.get("currency_in", "RUB"),
        kind=fields.get("type", "normal"),
        status="NEW",
        created_at=world.clock.now(),
        ttl=int(fields["ttl"]) if fields.get("ttl") else None,
        description=fields.get("description", ""),
        custom=fields.get("custom", ""),
        success_url=fields.get("success_url") or f"{returns}/success",
        fail_url=fields.get("fail_url") or f"{returns}/fail",
        return_url=fields.get("return_url") or world.settings.shop_url,
        payer_pays_commission=fields.get("payer_pays_commission", "0") in {"1", "true"},
    )
    return find(world, bill_id)


def find(world: World, bill_id: str) -> Bill:
    row = world.store.one("SELECT * FROM bill WHERE id = ?", bill_id)
    if row is None:
        raise Missing(bill_id)
    return _read(world, row)


def list_between(world: World, start: float, finish: float) -> list[Bill]:
    rows = world.store.all(
        "SELECT * FROM bill WHERE created_at BETWEEN ? AND ? ORDER BY created_at DESC", start, finish
    )
    return [_read(world, row) for row in rows]


def newest(world: World, limit: int) -> list[Bill]:
    """The newest bill first."""
    rows = world.store.all("SELECT * FROM bill ORDER BY created_at DESC, rowid DESC LIMIT ?", limit)
    return [_read(world, row) for row in rows]


def move(world: World, bill: Bill, status: str) -> bool:
    """Change the status of a bill that can still be paid. Of two payers, one wins; a multi bill never moves."""
    sql = "UPDATE bill SET status = ? WHERE id = ? AND active = 1 AND status IN ('NEW', 'FAIL', 'PROCESS')"
    return bill.kind == "multi" or bool(world.store.change(sql, status, bill.id))


def expire(world: World, bill: Bill) -> None:
    """End a bill that nobody paid. The payer never came back, so no postback tells the shop."""
    sql = "UPDATE bill SET status = 'FAIL', active = 0 WHERE id = ? AND status IN ('NEW', 'FAIL')"
    world.store.change(sql, bill.id)


def set_active(world: World, bill: Bill, *, active: bool) -> None:
    world.store.change("UPDATE bill SET active = ? WHERE id = ?", int(active), bill.id)


def new_id() -> str:
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(10))


def _check(world: World, fields: Fields, amount: Decimal | None) -> None:
    errors = {}
    if amount is None or amount <= 0 or amount != amount.quantize(money.CENT):
        errors["amount"] = "The amount must be a positive number with at most 2 decimals."
    if fields.get("shop_id") != world.settings.cardlink_shop:
        errors["shop_id"] = "The selected shop id is invalid."
    if fields.get("currency_in", "RUB") not in CURRENCIES:
        errors["currency_in"] = "The selected currency in is invalid."
    if fields.get("type", "normal") not in KINDS:
        errors["type"] = "The selected type is invalid."
    if fields.get("ttl") and not fields["ttl"].isdigit():
        errors["ttl"] = "The ttl must be an integer."
    for name in ("success_url", "fail_url", "return_url"):
        if fields.get(name) and urlsplit(fields[name]).hostname != urlsplit(world.settings.shop_url).hostname:
            errors[name] = f"The {name} must be on the domain of the shop."
    if errors:
        raise Unprocessable(errors)


def _read(world: World, row: sqlite3.Row) -> Bill:
    values = dict(row) | {
        "amount": Decimal(row["amount"]),
        "active": bool(row["active"]),
        "payer_pays_commission": bool(row["payer_pays_commission"]),
    }
    over = row["ttl"] is not None and world.clock.now() > row["created_at"] + row["ttl"]
    if over and row["status"] in PAYABLE:
        values |= {"status": "FAIL", "active": False}
    return Bill(**values)
