"""What is on sale, as the pages and the rules see it: read from memory, never changed."""

from dataclasses import dataclass

from models.catalog import ServiceType


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """A service on sale. `rate` is 10^-8 of the shop's currency per 1,000, or for one package."""

    id: int
    name: str
    category_id: int
    category_name: str
    platform: str
    type: ServiceType
    rate: int
    min_quantity: int
    max_quantity: int
    refill: bool
    cancel: bool
    drip_feed: bool
    average_minutes: int | None
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryView:
    """A category with at least one service on sale; the rates are the lowest and the highest in it."""

    id: int
    name: str
    platform: str
    count: int
    lowest_rate: int
    highest_rate: int
