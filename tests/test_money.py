from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import money

amounts = st.integers(min_value=0, max_value=10**15)
quantities = st.integers(min_value=1, max_value=2**31)


def test_charge_is_rounded_up_once() -> None:
    assert money.charge(money.parse("0.0000001"), 1) == 1
    assert money.charge(money.parse("2.5"), 1000) == money.parse("2.5")
    assert money.charge(0, 1000) == 0


def test_refund_of_a_partial_order_follows_the_contract() -> None:
    assert money.refund(money.parse("10"), 1_000, 10_000) == money.parse("1")


@pytest.mark.parametrize(("remains", "share"), [(-5, 0), (0, 0), (100, 100), (250, 100)])
def test_refund_takes_remains_beyond_the_order_as_the_nearer_end(remains: int, share: int) -> None:
    assert money.refund(1_000, remains, 100) == 1_000 * share // 100


@given(rate=amounts, quantity=quantities)
def test_charge_never_loses_more_than_one_unit(rate: int, quantity: int) -> None:
    exact = Decimal(rate) * quantity / 1000

    assert exact <= money.charge(rate, quantity) < exact + 1


@given(charged=amounts, quantity=quantities, data=st.data())
def test_refund_grows_with_remains_and_never_passes_the_charge(
    charged: int, quantity: int, data: st.DataObject
) -> None:
    less = data.draw(st.integers(min_value=0, max_value=quantity))
    more = data.draw(st.integers(min_value=less, max_value=quantity))

    assert 0 <= money.refund(charged, less, quantity) <= money.refund(charged, more, quantity) <= charged


@given(cost=amounts, percent=st.integers(min_value=0, max_value=500))
def test_markup_never_sells_below_cost_and_shows_five_decimals(cost: int, percent: int) -> None:
    price = money.with_markup(cost, percent)

    assert price * 100 >= cost * (100 + percent)
    assert price % 1_000 == 0


@given(amounts)
def test_plain_text_is_read_back_exactly(amount: int) -> None:
    assert money.parse(money.plain(amount)) == amount


@given(amounts)
def test_cents_cover_the_amount_with_less_than_a_cent_over(amount: int) -> None:
    assert 0 <= money.up_to_cents(amount) - amount < money.CENT
    assert money.up_to_cents(amount) % money.CENT == 0


@pytest.mark.parametrize("text", ["", "abc", "-1", "1e-9", "NaN", "Infinity", "1,5", "0.123456789", "99999999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(money.NotMoney):
        money.parse(text)


@pytest.mark.parametrize(("text", "amount"), [("0.000000001", 1), ("0.00000001", 1), ("1", 10**8), ("0", 0)])
def test_cost_with_more_decimals_is_rounded_up(text: str, amount: int) -> None:
    assert money.parse_rounding_up(text) == amount


def test_plain_keeps_at_least_the_decimals_asked_for() -> None:
    assert money.plain(money.parse("0.27819")) == "0.27819"
    assert money.plain(money.parse("5")) == "5.00000"
    assert money.plain(money.parse("5"), places=0) == "5"
    assert money.plain(1) == "0.00000001"
