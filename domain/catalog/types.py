"""What each order type of the API v2 protocol asks for, and how its quantity is counted (contract, section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.catalog import ServiceType

# Desktop, Android, iOS, any phone, anything; a Google search, another site, a direct visit.
DEVICES = ("1", "2", "3", "4", "5")
TRAFFIC_FROM_SEARCH, TRAFFIC_FROM_SITE, TRAFFIC_DIRECT = "1", "2", "3"
TRAFFIC_TYPES = (TRAFFIC_FROM_SEARCH, TRAFFIC_FROM_SITE, TRAFFIC_DIRECT)
SUBSCRIPTION_DELAYS = ("0", "5", "10", "15", "30", "60", "90")


class FieldKind(StrEnum):
    TEXT = "text"
    LINES = "lines"  # one thing per line; empty lines do not count
    URL = "url"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type besides `link` and `quantity`, under its wire name."""

    name: str
    kind: FieldKind
    required: bool = True
    choices: tuple[str, ...] = ()
    needed_with: tuple[str, str] | None = None  # required when that other field has that value


class Billing(StrEnum):
    QUANTITY = "quantity"
    LINES = "lines"  # the non-empty lines of one field
    PACKAGE = "package"  # one package: the charge is the rate itself
    POSTS = "posts"  # each detected post; never known when ordering


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFields:
    """What an order of one type carries after `service`. Drip-feed (`runs`, `interval`) is optional where allowed."""

    billing: Billing
    fields: tuple[Field, ...] = ()
    counted_field: str = ""  # whose lines are billed
    has_link: bool = True
    drip_feed: bool = False

    @property
    def has_quantity(self) -> bool:
        return self.billing == Billing.QUANTITY


_USERNAMES = Field("usernames", FieldKind.LINES)
_USERNAME = Field("username", FieldKind.TEXT)
_COMMENTS = Field("comments", FieldKind.LINES)


def _by_quantity(*fields: Field, drip_feed: bool = False) -> OrderFields:
    return OrderFields(billing=Billing.QUANTITY, fields=fields, drip_feed=drip_feed)


def _by_lines(counted: Field, *others: Field) -> OrderFields:
    return OrderFields(billing=Billing.LINES, fields=(*others, counted), counted_field=counted.name)


FIELDS: Mapping[ServiceType, OrderFields] = {
    ServiceType.DEFAULT: _by_quantity(drip_feed=True),
    ServiceType.PACKAGE: OrderFields(billing=Billing.PACKAGE),
    ServiceType.SEO: _by_quantity(Field("keywords", FieldKind.LINES)),
    ServiceType.CUSTOM_COMMENTS: _by_lines(_COMMENTS),
    ServiceType.CUSTOM_COMMENTS_PACKAGE: OrderFields(billing=Billing.PACKAGE, fields=(_COMMENTS,)),
    ServiceType.MENTIONS: _by_quantity(_USERNAMES),
    ServiceType.MENTIONS_WITH_HASHTAGS: _by_quantity(_USERNAMES, Field("hashtags", FieldKind.LINES)),
    ServiceType.MENTIONS_CUSTOM_LIST: _by_lines(_USERNAMES),
    ServiceType.MENTIONS_HASHTAG: _by_quantity(Field("hashtag", FieldKind.TEXT)),
    ServiceType.MENTIONS_USER_FOLLOWERS: _by_quantity(Field("username", FieldKind.URL)),
    ServiceType.MENTIONS_MEDIA_LIKERS: _by_quantity(Field("media", FieldKind.URL)),
    ServiceType.COMMENT_LIKES: _by_quantity(_USERNAME),
    ServiceType.COMMENT_REPLIES: _by_lines(_COMMENTS, _USERNAME),
    ServiceType.POLL: _by_quantity(Field("answer_number", FieldKind.NUMBER)),
    ServiceType.INVITES_FROM_GROUPS: _by_quantity(Field("groups", FieldKind.LINES)),
    ServiceType.SUBSCRIPTIONS: OrderFields(
        billing=Billing.POSTS,
        has_link=False,
        fields=(
            _USERNAME,
            Field("min", FieldKind.NUMBER),
            Field("max", FieldKind.NUMBER),
            Field("delay", FieldKind.CHOICE, choices=SUBSCRIPTION_DELAYS),
            Field("posts", FieldKind.NUMBER, required=False),
            Field("old_posts", FieldKind.NUMBER, required=False),
            Field("expiry", FieldKind.DATE, required=False),
        ),
    ),
    ServiceType.WEB_TRAFFIC: _by_quantity(
        Field("country", FieldKind.TEXT),
        Field("device", FieldKind.CHOICE, choices=DEVICES),
        Field("type_of_traffic", FieldKind.CHOICE, choices=TRAFFIC_TYPES),
        Field("google_keyword", FieldKind.TEXT, required=False, needed_with=("type_of_traffic", TRAFFIC_FROM_SEARCH)),
        Field("referring_url", FieldKind.URL, required=False, needed_with=("type_of_traffic", TRAFFIC_FROM_SITE)),
        drip_feed=True,
    ),
}

# What this shop sells; services of every other type are imported switched off.
SOLD_TYPES = frozenset({ServiceType.DEFAULT, ServiceType.PACKAGE, ServiceType.CUSTOM_COMMENTS, ServiceType.WEB_TRAFFIC})


def filled_lines(text: str) -> list[str]:
    """The lines of a field that are not empty; only a line feed parts them, since providers know no other break."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def billed_quantity(kind: ServiceType, *, quantity: int, fields: Mapping[str, str]) -> int:
    """How many units an order is charged for: what was typed, the filled lines of its list, or one package.

    Raises ValueError for subscriptions, which are billed with each post.
    """
    rules = FIELDS[kind]
    if rules.billing == Billing.QUANTITY:
        return quantity
    if rules.billing == Billing.LINES:
        return len(filled_lines(fields.get(rules.counted_field, "")))
    if rules.billing == Billing.PACKAGE:
        return 1
    raise ValueError(kind)
