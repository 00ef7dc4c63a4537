from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain import i18n, money
from domain.clock import now
from routes.filters import MINUS, Filters

filters = Filters("USD")


@pytest.fixture
def german() -> Iterator[None]:
    token = i18n.locale.set("de")
    yield
    i18n.locale.reset(token)


@pytest.mark.parametrize(
    ("text", "shown"), [("12.349", "$12.34"), ("0", "$0.00"), ("1234567.8", "$1,234,567.80"), ("0.009", "$0.00")]
)
def test_a_balance_never_promises_more_than_there_is(text: str, shown: str) -> None:
    assert filters.money(money.parse(text)) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("0.27819", "$0.27819"), ("2.5", "$2.50"), ("0.000001", "$0.00001"), ("0.1", "$0.10")]
)
def test_a_price_is_never_shown_as_nothing(text: str, shown: str) -> None:
    assert filters.charge(money.parse(text)) == shown


@pytest.mark.parametrize(("text", "shown"), [("0.9", "$0.90"), ("0.00036", "$0.00036"), ("0.0000007", "$0.0000007")])
def test_a_rate_shows_the_decimals_it_has(text: str, shown: str) -> None:
    assert filters.rate(money.parse(text)) == shown


def test_the_exact_value_shows_every_decimal() -> None:
    assert filters.money_exact(1) == "$0.00000001"


def test_a_statement_has_signs_and_the_minus_is_a_minus_sign() -> None:
    assert filters.signed(money.UNIT) == "+$1.00"
    assert filters.signed(-money.UNIT) == f"{MINUS}$1.00"
    assert filters.signed(0) == "$0.00"


def test_numbers_follow_the_readers_language(german: None) -> None:
    assert filters.number(1_234_567) == "1.234.567"
    assert filters.money(money.parse("1234.5")) == "$1.234,50"


def test_a_time_reads_as_people_say_it_with_the_exact_one_in_the_title() -> None:
    assert "just now</time>" in filters.ago(now())
    assert "3 minutes ago</time>" in filters.ago(now() - timedelta(minutes=3))
    assert 'title="' in filters.ago(now())
