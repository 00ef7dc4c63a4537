import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import money
from domain.catalog import FIELDS, SOLD_TYPES, Billing, billed_quantity, filled_lines, quote
from domain.catalog.prices import largest_billable, selling_rate
from models.catalog import ServiceType
from tests.test_catalog_search import view

# API v2 contract, section 4: the fields after `service`, drip-feed aside.
CONTRACT = {
    "Default": "link quantity",
    "Package": "link",
    "SEO": "link quantity keywords",
    "Custom Comments": "link comments",
    "Custom Comments Package": "link comments",
    "Mentions": "link quantity usernames",
    "Mentions with Hashtags": "link quantity usernames hashtags",
    "Mentions Custom List": "link usernames",
    "Mentions Hashtag": "link quantity hashtag",
    "Mentions User Followers": "link quantity username",
    "Mentions Media Likers": "link quantity media",
    "Comment Likes": "link quantity username",
    "Comment Replies": "link username comments",
    "Poll": "link quantity answer_number",
    "Invites from Groups": "link quantity groups",
    "Subscriptions": "username min max delay posts old_posts expiry",
    "Web Traffic": "link quantity country device type_of_traffic google_keyword referring_url",
}


def test_every_type_has_the_fields_of_the_protocol() -> None:
    described = {
        kind.value: " ".join(
            ["link"] * rules.has_link + ["quantity"] * rules.has_quantity + [field.name for field in rules.fields]
        )
        for kind, rules in FIELDS.items()
    }

    assert described == CONTRACT
    assert set(FIELDS) == set(ServiceType)


def test_only_types_whose_quantity_is_known_when_ordering_are_sold() -> None:
    assert all(FIELDS[kind].billing is not Billing.POSTS for kind in SOLD_TYPES)


@pytest.mark.parametrize(
    ("kind", "billed"),
    [
        (ServiceType.DEFAULT, 500),
        (ServiceType.WEB_TRAFFIC, 500),
        (ServiceType.PACKAGE, 1),
        (ServiceType.CUSTOM_COMMENTS_PACKAGE, 1),
        (ServiceType.CUSTOM_COMMENTS, 2),
        (ServiceType.COMMENT_REPLIES, 2),
        (ServiceType.MENTIONS_CUSTOM_LIST, 3),
    ],
)
def test_billed_quantity_follows_the_type(kind: ServiceType, billed: int) -> None:
    fields = {"comments": "First\r\n \r\nSecond\n", "usernames": "a\nb\nc"}

    assert billed_quantity(kind, quantity=500, fields=fields) == billed


def test_only_line_feeds_part_lines() -> None:
    assert filled_lines("one\x0btwo\u2028three\r\n\nfour") == ["one\x0btwo\u2028three", "four"]


def test_package_costs_its_rate_and_the_rest_goes_by_the_thousand_rounded_up() -> None:
    assert quote(view(1, "Placement", type=ServiceType.PACKAGE, rate=900), 1) == 900
    assert quote(view(1, "Reach", rate=3), 1) == 1
    assert quote(view(1, "Reach", rate=2_500), 3_000) == 7_500


@given(st.integers(0, money.MAXIMUM // 10), st.integers(-99, 500))
def test_selling_rate_is_never_below_cost(cost: int, markup: int) -> None:
    assert selling_rate(cost, markup_percent=markup) >= cost


@given(st.integers(1, money.MAXIMUM))
def test_largest_billable_quantity_is_the_last_whose_charge_fits(rate: int) -> None:
    most = largest_billable(rate)

    assert money.charge(rate, most) <= money.MAXIMUM < money.charge(rate, most + 1)
