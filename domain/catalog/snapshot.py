"""The catalogue in memory: one immutable picture per version, with everything that a page or a search asks of it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from domain.catalog import platforms
from domain.catalog.search import MAX_WORDS, WordIndex, intersection, words_of
from domain.catalog.views import CategoryView, ServiceView


class Snapshot:
    """Services on sale in the order of the catalogue: by category, then by place in it."""

    def __init__(self, version: int, services: Sequence[ServiceView]) -> None:
        self.version = version
        self.services = tuple(services)
        self.everything = (1 << len(self.services)) - 1
        self.categories: dict[int, CategoryView] = {}
        self.category_sets: dict[int, int] = {}
        self.platform_sets: dict[str, int] = {}
        self._position = {service.id: position for position, service in enumerate(self.services)}
        self._collect_categories()
        self._names = WordIndex((words_of(service.name) for service in self.services), len(self.services))
        self._others = WordIndex(self._words_beside_names(), len(self.services))

    def _collect_categories(self) -> None:
        first = 0
        for category_id, members in groupby(self.services, key=attrgetter("category_id")):
            services = list(members)
            name, platform = services[0].category_name, services[0].platform
            rates = [service.rate for service in services]
            self.categories[category_id] = CategoryView(
                id=category_id,
                name=name,
                platform=platform,
                count=len(services),
                lowest_rate=min(rates),
                highest_rate=max(rates),
            )
            whole = ((1 << len(services)) - 1) << first
            self.category_sets[category_id] = whole
            self.platform_sets[platform] = self.platform_sets.get(platform, 0) | whole
            first += len(services)

    def _words_beside_names(self) -> Iterator[list[str]]:
        """Of each service the words of its category and platform, and its number."""
        shared = {
            category.id: words_of(f"{category.name} {platforms.label(category.platform)}")
            for category in self.categories.values()
        }
        for service in self.services:
            yield [*shared[service.category_id], str(service.id)]

    def service(self, service_id: int) -> ServiceView | None:
        """The service on sale with that number, or None."""
        position = self._position.get(service_id)
        return None if position is None else self.services[position]

    def matching(self, text: str) -> int:
        """The services that have, for each word of `text`, a word that begins with it; all of them for no words."""
        return intersection(map(self._with_beginning, words_of(text)[:MAX_WORDS]), self.everything)

    def _with_beginning(self, prefix: str) -> int:
        return self._names.beginning_with(prefix) | self._others.beginning_with(prefix)

    def named(self, text: str) -> int:
        """The services whose name has every word of `text` in full."""
        return intersection(map(self._names.with_word, words_of(text)[:MAX_WORDS]), self.everything)

    def numbered(self, text: str) -> int:
        """The service whose number `text` is, as a set."""
        number = text.strip().removeprefix("#")
        position = self._position.get(int(number)) if number.isdecimal() and len(number) < 19 else None
        return 0 if position is None else 1 << position
