"""Orders as their owner sees them: one with its timeline, and the list that stays quick at a million."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from domain.catalog.types import FIELDS, Billing
from domain.errors import NotFound
from domain.i18n import gettext as _
from models.catalog import ServiceType
from models.database import fetch, fetch_one
from models.orders import OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order; amounts are 10^-8 of `currency`."""

    id: int
    code: str
    state: OrderState
    service_id: int
    service_name: str
    service_type: ServiceType
    link: str
    quantity: int
    fields: Mapping[str, str]
    rate: int
    charge: int
    refunded: int
    currency: str
    start_count: int | None
    remains: int | None
    placed_at: datetime
    finished_at: datetime | None
    version: str  # another one after every change of the row: who wrote it, and where it stands
    awaits_refund: bool  # delivered in part, and a person has yet to say how much goes back

    @property
    def is_final(self) -> bool:
        return self.state in OrderState.final_states()

    @property
    def is_package(self) -> bool:
        return FIELDS[self.service_type].billing == Billing.PACKAGE

    @property
    def paid(self) -> int:
        """What the order has cost in the end: its charge less what went back."""
        return self.charge - self.refunded

    @property
    def delivered(self) -> int:
        """How much of the quantity is there, as far as the provider said."""
        if self.state == OrderState.COMPLETED:
            return self.quantity
        return 0 if self.remains is None else self.quantity - self.remains


@dataclass(frozen=True, slots=True)
class EventView:
    state: OrderState
    actor: str
    note: str
    happened_at: datetime


_FIND = """
SELECT o.id, o.code, o.state, o.service AS service_id, o.service_name, s.type AS service_type, o.link,
       o.quantity, o.fields, o.rate, o.charge, o.refunded, o.currency, o.start_count, o.remains, o.placed_at,
       o.finished_at, o.xmin::text || o.ctid::text AS version,
       o.state = 'partial' AND EXISTS (
           SELECT FROM dispatches d JOIN cases c ON c.cause = 'dispatch:' || d.id || ':partial'
            WHERE d."order" = o.id AND c.state = 'open') AS awaits_refund
  FROM orders o JOIN services s ON s.id = o.service
"""


async def find_of_account(account_id: int, code: str) -> OrderView:
    """A customer's own order. Raises NotFound for every other one."""
    return _view(await fetch_one(_FIND + "WHERE o.code = $1 AND o.account = $2", code, account_id))


async def find_by_code(code: str) -> OrderView:
    """Any order, for whoever proved that they may see it. Raises NotFound."""
    return _view(await fetch_one(_FIND + "WHERE o.code = $1", code))


def _view(row: Mapping[str, Any] | None) -> OrderView:
    if row is None:
        raise NotFound(_("There is no such order."))
    values = dict(row)
    return OrderView(
        **values
        | {
            "state": OrderState(values["state"]),
            "service_type": ServiceType(values["service_type"]),
            "fields": msgspec.json.decode(values["fields"], type=dict[str, str]),
        }
    )


async def list_events(order_id: int) -> list[EventView]:
    """What happened to an order, the latest first."""
    rows = await fetch(
        'SELECT state, actor, note, happened_at FROM order_events WHERE "order" = $1 ORDER BY id DESC', order_id
    )
    return [EventView(OrderState(row["state"]), row["actor"], row["note"], row["happened_at"]) for row in rows]
