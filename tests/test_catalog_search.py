import string
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Filters, Listing, ServiceView, Snapshot, Sort, find
from domain.catalog.search import words_of
from models.catalog import ServiceType

WORDS = ["Story", "reach", "Málaga", "São", "Paulo", "Zürich", "travel", "x2", "24h", "Łódź", "İstanbul", "STRASSE"]
some_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True)


def view(number: int, name: str, **values: Any) -> ServiceView:
    defaults: dict[str, Any] = {
        "category_id": 1,
        "category_name": "Instagram ads",
        "platform": "instagram",
        "type": ServiceType.DEFAULT,
        "rate": 100,
        "min_quantity": 1,
        "max_quantity": 1000,
        "refill": False,
        "cancel": False,
        "drip_feed": False,
        "average_minutes": None,
        "description": "",
    }
    return ServiceView(id=number, name=name, **defaults | values)


def found(snapshot: Snapshot, text: str = "", **filters: Any) -> list[int]:
    listing = find(snapshot, Filters(text=text, **filters))
    return [service.id for group in listing.groups for service in group.services]


SHOP = Snapshot(
    1,
    [
        view(11, "Story reach, Málaga"),
        view(12, "Feed reach, São Paulo", rate=50, average_minutes=60),
        view(13, "Story mentions", rate=200, average_minutes=5),
        view(21, "Video views", category_id=2, category_name="YouTube ads", platform="youtube", rate=75),
        view(1101, "Channel storytelling", category_id=2, category_name="YouTube ads", platform="youtube"),
    ],
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("story", [11, 13, 1101]),
        ("malaga", [11]),
        ("MÁLAGA", [11]),
        ("reach story", [11]),
        ("rea sto", [11]),
        ("youtube", [21, 1101]),
        ("you vid", [21]),
        ("#21", [21]),
        ("11", [11, 1101]),
        ("tories", []),
        ("story zebra", []),
        ("", [11, 12, 13, 21, 1101]),
        ("—?!", [11, 12, 13, 21, 1101]),
    ],
)
def test_search_finds_beginnings_of_words_in_name_category_and_number(typed: str, expected: list[int]) -> None:
    assert found(SHOP, typed) == expected


@given(some_words, st.randoms())
def test_search_does_not_mind_the_order_of_words(words: list[str], chance: Any) -> None:
    snapshot = Snapshot(1, [view(1, " ".join(words)), view(2, "something else")])
    shuffled = chance.sample(words, len(words))

    assert found(snapshot, " ".join(shuffled)) == [1]


@given(some_words)
def test_search_does_not_mind_case_and_accents(words: list[str]) -> None:
    snapshot = Snapshot(1, [view(1, " ".join(words)), view(2, "something else")])
    bare = "".join(c for c in unicodedata.normalize("NFD", " ".join(words)) if not unicodedata.combining(c))

    for typed in (bare, bare.upper(), bare.lower(), " ".join(words).swapcase()):
        assert found(snapshot, typed) == [1]


@given(st.text(max_size=60), st.text(max_size=10))
def test_any_text_is_safe_to_search_and_finds_itself(name: str, typed: str) -> None:
    snapshot = Snapshot(1, [view(1, name)])

    assert found(snapshot, typed) in ([], [1])
    assert found(snapshot, " ".join(words_of(name)[:8])) == [1]


@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=6), min_size=1, max_size=30), st.data())
def test_search_agrees_with_looking_at_every_service(names: list[str], data: st.DataObject) -> None:
    snapshot = Snapshot(1, [view(n, name, category_name="c") for n, name in enumerate(names, 1)])
    prefix = data.draw(st.sampled_from(names))[: data.draw(st.integers(1, 4))]

    expected = [n for n, name in enumerate(names, 1) if name.startswith(prefix)]
    if "instagram".startswith(prefix) or "c".startswith(prefix):
        expected = list(range(1, len(names) + 1))
    assert sorted(found(snapshot, prefix)) == expected


def test_category_named_in_full_comes_before_one_that_only_begins_alike() -> None:
    snapshot = Snapshot(
        1,
        [
            view(1, "Reels", category_id=1, category_name="First"),
            view(2, "Reel for travellers", category_id=2, category_name="Second"),
        ],
    )

    assert found(snapshot, "reel") == [2, 1]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.PRICE, [12, 21, 11, 1101, 13]),
        (Sort.SPEED, [13, 12, 11, 21, 1101]),
        (Sort.NAME, [1101, 12, 13, 11, 21]),
    ],
)
def test_list_is_sorted_with_unknown_times_last(sort: Sort, expected: list[int]) -> None:
    assert found(SHOP, sort=sort) == expected


def test_filters_narrow_and_choices_count_what_each_would_find() -> None:
    listing = find(SHOP, Filters(text="story", platform="instagram"))

    assert listing.count == 2
    assert listing.platforms == (("instagram", 2), ("youtube", 1))
    assert [(category.id, count) for category, count in listing.categories] == [(1, 2)]
    assert found(SHOP, category_id=2) == [21, 1101]
    assert found(SHOP, category_id=99) == found(SHOP, platform="myspace") == []


def test_group_knows_its_whole_category() -> None:
    (group,) = find(SHOP, Filters(text="mentions")).groups
    assert group.category is not None

    assert (group.count, group.category.count) == (1, 3)
    assert (group.category.lowest_rate, group.category.highest_rate) == (50, 200)


def pages_of(snapshot: Snapshot, filters: Filters) -> list[Listing]:
    first = find(snapshot, filters)
    return [first, *(find(snapshot, filters, page=page) for page in range(2, -(-first.count // 30) + 1))]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_every_service_once_and_say_where_a_category_goes_on(sort: Sort) -> None:
    snapshot = Snapshot(
        1, [view(n, f"Service {n}", category_id=n // 40, category_name=str(n // 40)) for n in range(70)]
    )

    pages = pages_of(snapshot, Filters(sort=sort))

    seen = [service.id for page in pages for group in page.groups for service in group.services]
    assert sorted(seen) == list(range(70))
    assert [len([s for g in page.groups for s in g.services]) for page in pages] == [30, 30, 10]
    assert [page.groups[0].continued for page in pages] == [False, True, True]
    assert [page.has_more for page in pages] == [True, True, False]


def test_page_behind_the_last_is_the_last() -> None:
    listing = find(SHOP, Filters(), page=99)

    assert (listing.page, listing.count, len(listing.groups)) == (1, 5, 2)


def test_ten_thousand_services_are_searched_in_a_blink() -> None:
    services = [
        view(n, f"{WORDS[n % 12]} {WORDS[n % 7]} offer {n}", category_id=n // 50, category_name=f"Shelf {n // 50}")
        for n in range(10_000)
    ]
    snapshot = Snapshot(1, services)
    find(snapshot, Filters(text="st"))

    started = time.process_time()
    for text in ("story reach", "malaga", "st", "shelf 17", "9999", "travel offer zurich"):
        find(snapshot, Filters(text=text))
    # Six searches; each takes a fraction of a millisecond, and a busy machine may take its time.
    assert time.process_time() - started < 0.05
