"""What an address of the list asks for, and the addresses of its neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from domain.catalog import Filters, Sort

MAX_TEXT = 100
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The whole state of the list; the address holds all of it, so that Back and a sent link show the same."""

    text: str = ""
    category_id: int | None = None
    platform: str = ""
    sort: Sort = Sort.CATEGORY
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """What cannot be read is as if it were not there."""
        sort = query.get("sort", "")
        return cls(
            text=" ".join(query.get("q", "").split())[:MAX_TEXT],
            category_id=_number(query.get("category", "")),
            platform=query.get("platform", "")[:40],
            sort=Sort(sort) if sort in list(Sort) else Sort.CATEGORY,
            page=_number(query.get("page", "")) or 1,
        )

    @property
    def filters(self) -> Filters:
        return Filters(text=self.text, category_id=self.category_id, platform=self.platform, sort=self.sort)

    @property
    def is_plain(self) -> bool:
        return not self.text and self.category_id is None and not self.platform

    def kept(self) -> dict[str, str]:
        """What a new search keeps of this one, as hidden fields."""
        parts = {"category": str(self.category_id or ""), "platform": self.platform, "sort": self.sort.value}
        return {name: value for name, value in parts.items() if value}

    def query(self) -> str:
        """Its own part of the address, from the question mark on; "" for the plain list."""
        parts = {"q": self.text, **self.kept(), "page": str(self.page) if self.page > 1 else ""}
        filled = {name: value for name, value in parts.items() if value}
        return f"?{urlencode(filled)}" if filled else ""

    def on_platform(self, platform: str) -> "Look":
        return replace(self, platform=platform, category_id=None, page=1)

    def in_category(self, category_id: int | None) -> "Look":
        return replace(self, category_id=category_id, page=1)

    def sorted_by(self, sort: Sort) -> "Look":
        return replace(self, sort=sort, page=1)

    def everywhere(self) -> "Look":
        return replace(self, category_id=None, platform="", page=1)

    def next_page(self) -> "Look":
        return replace(self, page=self.page + 1)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None
