"""What a sync has to change: the price list compared with what the shop has. Nothing here touches the database."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.catalog.offers import Offer
from models.catalog import ServiceState

# A row of a known service, with its provider's `external_id`, `cost` and `listed`.
KnownRow = Mapping[str, Any]

_REVISED = ("name", "rate", "min_quantity", "max_quantity")
_COMPARED = (*_REVISED, "cost", "description", "type", "refill", "cancel", "drip_feed", "average_minutes")


@dataclass(frozen=True, slots=True)
class Line:
    """A service as it is to be after the sync."""

    service_id: int
    offer: Offer
    category_id: int
    state: ServiceState


@dataclass(slots=True)
class Plan:
    added: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    revised: list[int] = field(default_factory=list)  # services with another name, price, limit or state
    withdrawn: list[int] = field(default_factory=list)
    delisted: list[str] = field(default_factory=list)  # external ids

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.withdrawn or self.delisted)


def new_offers(known: Iterable[KnownRow], offers: Mapping[str, Offer]) -> list[Offer]:
    """The offers that the shop has no service for, in the provider's order."""
    external_ids = {row["external_id"] for row in known}
    return [offer for external_id, offer in offers.items() if external_id not in external_ids]


def make_plan(
    known: Collection[KnownRow],
    offers: Mapping[str, Offer],
    *,
    new_ids: Iterable[int],
    categories: Mapping[str, int],
) -> Plan:
    """Compare. `new_ids` has an id for each of `new_offers`; `categories` has the id of every category by name."""
    plan = Plan()
    for service_id, offer in zip(new_ids, new_offers(known, offers), strict=True):
        state = ServiceState.ON_SALE if offer.sellable else ServiceState.OFF
        plan.added.append(Line(service_id, offer, categories[offer.category], state))
    for row in known:
        offer_now = offers.get(row["external_id"])
        if offer_now is None:
            _plan_missing(plan, row)
        else:
            _plan_listed(plan, row, offer_now, categories[offer_now.category])
    return plan


def _plan_listed(plan: Plan, row: KnownRow, offer: Offer, category_id: int) -> None:
    line = Line(row["id"], offer, category_id, _next_state(row["state"], offer))
    moved = row["state"] != line.state or row["category"] != category_id or not row["listed"]
    if moved or _differs(row, offer, _COMPARED):
        plan.changed.append(line)
    if row["state"] != line.state or _differs(row, offer, _REVISED):
        plan.revised.append(line.service_id)


def _next_state(state: str, offer: Offer) -> ServiceState:
    """Off is for staff to end; a service that became free, or of a type not sold, waits as if it had vanished."""
    if state == ServiceState.OFF:
        return ServiceState.OFF
    return ServiceState.ON_SALE if offer.sellable else ServiceState.VANISHED


def _differs(row: KnownRow, offer: Offer, fields: Iterable[str]) -> bool:
    return any(row[name] != getattr(offer, name) for name in fields)


def _plan_missing(plan: Plan, row: KnownRow) -> None:
    if row["listed"]:
        plan.delisted.append(row["external_id"])
    if row["state"] == ServiceState.ON_SALE:
        plan.withdrawn.append(row["id"])
