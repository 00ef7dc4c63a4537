"""The services that answer a search and its filters: counted, put in order, a page at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import Any

from domain.catalog.search import positions
from domain.catalog.snapshot import Snapshot
from domain.catalog.views import CategoryView, ServiceView

PAGE_SIZE = 30


class Sort(StrEnum):
    CATEGORY = ""  # as the catalogue stands; of a search, the categories that it names best first
    PRICE = "price"
    SPEED = "speed"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody looks for. An unknown category or platform finds nothing."""

    text: str = ""
    category_id: int | None = None
    platform: str = ""
    sort: Sort = Sort.CATEGORY


@dataclass(frozen=True, slots=True)
class Group:
    """Services that stand together: of one category, or, in another order than the catalogue's, of all."""

    category: CategoryView | None
    count: int  # how many of the category were found, on all pages
    services: tuple[ServiceView, ...]
    continued: bool  # whether the page before ended in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of what was found. The choices count what each would find with the same words."""

    count: int
    page: int
    groups: tuple[Group, ...]
    has_more: bool
    platforms: tuple[tuple[str, int], ...]
    categories: tuple[tuple[CategoryView, int], ...]


def find(snapshot: Snapshot, filters: Filters, *, page: int = 1) -> Listing:
    """Page `page`, counted from 1, of the services that match; of a page that is not there, the last one."""
    worded = snapshot.matching(filters.text)
    on_platform = worded & snapshot.platform_sets.get(filters.platform, 0) if filters.platform else worded
    found = on_platform
    if filters.category_id is not None:
        found &= snapshot.category_sets.get(filters.category_id, 0)
    count = found.bit_count()
    page = min(page, -(-count // PAGE_SIZE) or 1)
    first = PAGE_SIZE * (page - 1)
    return Listing(
        count=count,
        page=page,
        groups=_groups(snapshot, filters, found, first),
        has_more=count > first + PAGE_SIZE,
        platforms=_count_platforms(snapshot, worded),
        categories=_count_categories(snapshot, on_platform),
    )


def _groups(snapshot: Snapshot, filters: Filters, found: int, first: int) -> tuple[Group, ...]:
    if filters.sort is not Sort.CATEGORY:
        services = tuple(_sorted(snapshot, found, filters.sort)[first : first + PAGE_SIZE])
        return (Group(None, found.bit_count(), services, first > 0),) if services else ()
    # One more at the front, to see in which category the page before ended.
    before = min(first, 1)
    window = list(islice(_in_best_order(snapshot, filters.text, found), first - before, first + PAGE_SIZE))
    last_category = window[0].category_id if before and window else None
    groups: list[Group] = []
    for category_id, members in groupby(window[before:], key=attrgetter("category_id")):
        count = (found & snapshot.category_sets[category_id]).bit_count()
        continued = not groups and category_id == last_category
        groups.append(Group(snapshot.categories[category_id], count, tuple(members), continued))
    return tuple(groups)


def _in_best_order(snapshot: Snapshot, text: str, found: int) -> Iterator[ServiceView]:
    """The service with that number, then the categories with a name that has every word in full, then the others."""
    numbered = found & snapshot.numbered(text)
    named = found & snapshot.named(text)
    leading = sum(whole for whole in snapshot.category_sets.values() if whole & named) & found & ~numbered
    rest = found & ~leading & ~numbered
    ordered = chain(positions(numbered), positions(leading), positions(rest))
    return (snapshot.services[position] for position in ordered)


# Unknown times come last, and equal ones stay in the order of the catalogue.
_ORDERS: dict[Sort, Callable[[ServiceView], Any]] = {
    Sort.PRICE: attrgetter("rate"),
    Sort.SPEED: lambda service: (service.average_minutes is None, service.average_minutes),
    Sort.NAME: lambda service: service.name.casefold(),
}


def _sorted(snapshot: Snapshot, found: int, sort: Sort) -> list[ServiceView]:
    return sorted((snapshot.services[position] for position in positions(found)), key=_ORDERS[sort])


def _count_platforms(snapshot: Snapshot, found: int) -> tuple[tuple[str, int], ...]:
    counts = ((platform, (found & whole).bit_count()) for platform, whole in snapshot.platform_sets.items())
    return tuple((platform, count) for platform, count in counts if count)


def _count_categories(snapshot: Snapshot, found: int) -> tuple[tuple[CategoryView, int], ...]:
    counts = ((snapshot.categories[key], (found & whole).bit_count()) for key, whole in snapshot.category_sets.items())
    return tuple((category, count) for category, count in counts if count)
