"""A provider's price list, line by line, as this shop can sell it."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain import money
from domain.catalog.names import clean_description, clean_name
from domain.catalog.prices import largest_billable, selling_rate
from domain.catalog.types import FIELDS, SOLD_TYPES, Billing
from domain.dispatch.providers import OfferedService
from models.catalog import ServiceType

# What the columns hold: an average time is an INTEGER, an external id 100 characters.
MAX_MINUTES = 2**31 - 1
MAX_EXTERNAL_ID = 100

NO_CATEGORY = "Other"

_TYPES = {kind.casefold(): kind for kind in ServiceType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A usable line: names cleaned, limits in order, the rate ours. Money is 10^-8."""

    external_id: str
    category: str
    name: str
    description: str
    type: ServiceType
    cost: int
    rate: int
    min_quantity: int
    max_quantity: int
    refill: bool
    cancel: bool
    drip_feed: bool
    average_minutes: int | None

    @property
    def sellable(self) -> bool:
        """Of a type this shop sells, and not free: a charge of nothing is refused (contract, section 10)."""
        return self.type in SOLD_TYPES and self.rate > 0


def read_offers(offered: Iterable[OfferedService], *, markup_percent: int) -> dict[str, Offer]:
    """The usable lines by external id, in the provider's order; of a repeated id the first."""
    offers: dict[str, Offer] = {}
    for line in offered:
        offer = _read(line, markup_percent)
        if offer is not None:
            offers.setdefault(offer.external_id, offer)
    return offers


def _read(line: OfferedService, markup_percent: int) -> Offer | None:
    """None for a line that nobody could order by: no name, an unknown type, limits out of order, an absurd price."""
    name, kind = clean_name(line.name), _TYPES.get(clean_name(line.type).casefold())
    rate = selling_rate(line.cost, markup_percent=markup_percent)
    if not name or kind is None or not _is_id(line.external_id) or not 0 <= rate <= money.MAXIMUM:
        return None
    least, most = _limits(line, kind, rate)
    if most < least:
        return None
    return Offer(
        external_id=line.external_id,
        category=clean_name(line.category) or NO_CATEGORY,
        name=name,
        description=clean_description(line.description),
        type=kind,
        cost=line.cost,
        rate=rate,
        min_quantity=least,
        max_quantity=most,
        refill=line.refill,
        cancel=line.cancel,
        drip_feed=line.drip_feed and FIELDS[kind].drip_feed,
        average_minutes=line.average_minutes if 0 < (line.average_minutes or 0) <= MAX_MINUTES else None,
    )


def _is_id(text: str) -> bool:
    return 0 < len(text) <= MAX_EXTERNAL_ID and text.isprintable()


def _limits(line: OfferedService, kind: ServiceType, rate: int) -> tuple[int, int]:
    """At least 1, and no more than a charge can be written for; a package is always one."""
    if FIELDS[kind].billing == Billing.PACKAGE:
        return 1, 1
    most = min(line.max_quantity, money.MAXIMUM)
    return max(line.min_quantity, 1), min(most, largest_billable(rate)) if rate else most
