"""The catalogue: what is on sale, at which price, and every price it ever had."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Boolean, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from models.columns import money, optional_time, reference


class ServiceType(StrEnum):
    """The order types of the API v2 protocol; the values are its wire words."""

    DEFAULT = "Default"
    PACKAGE = "Package"
    SEO = "SEO"
    CUSTOM_COMMENTS = "Custom Comments"
    CUSTOM_COMMENTS_PACKAGE = "Custom Comments Package"
    MENTIONS = "Mentions"
    MENTIONS_WITH_HASHTAGS = "Mentions with Hashtags"
    MENTIONS_CUSTOM_LIST = "Mentions Custom List"
    MENTIONS_HASHTAG = "Mentions Hashtag"
    MENTIONS_USER_FOLLOWERS = "Mentions User Followers"
    MENTIONS_MEDIA_LIKERS = "Mentions Media Likers"
    COMMENT_LIKES = "Comment Likes"
    COMMENT_REPLIES = "Comment Replies"
    POLL = "Poll"
    INVITES_FROM_GROUPS = "Invites from Groups"
    SUBSCRIPTIONS = "Subscriptions"
    WEB_TRAFFIC = "Web Traffic"


class ServiceState(StrEnum):
    ON_SALE = "on_sale"
    VANISHED = "vanished"  # the provider no longer lists it; it comes back by itself
    OFF = "off"  # taken off sale by staff, or of a type that this shop does not sell yet


class Category(Table, tablename="categories"):
    id = BigSerial(primary_key=True)
    name = Varchar(length=500, unique=True)
    platform = Varchar(length=40, index=True)  # "instagram", "youtube", …; "other" when the name tells none
    position = Integer()


class Service(Table, tablename="services"):
    id = BigSerial(primary_key=True)
    category = reference(Category)
    name = Varchar(length=500)
    description = Text()
    type = Varchar(length=40, choices=ServiceType)
    state = Varchar(length=20, choices=ServiceState, default=ServiceState.ON_SALE, index=True)
    rate = money()  # price per 1,000, or of one package
    min_quantity = BigInt()
    max_quantity = BigInt()
    refill = Boolean(default=False)
    cancel = Boolean(default=False)
    drip_feed = Boolean(default=False)
    average_minutes = Integer(null=True, default=None)
    position = Integer()
    created_at = Timestamptz()
    updated_at = Timestamptz()

    rate_is_not_negative = Check(rate >= 0)
    quantity_starts_at_one = Check(min_quantity >= 1)
    limits_are_in_order = Check(max_quantity >= min_quantity)


class ServiceRevision(Table, tablename="service_revisions"):
    """One row for each change of price, limits or name. Rows are added, never edited."""

    id = BigSerial(primary_key=True)
    service = reference(Service)
    name = Varchar(length=500)
    rate = money()
    min_quantity = BigInt()
    max_quantity = BigInt()
    state = Varchar(length=20, choices=ServiceState)
    cause = Varchar(length=40)  # "import", "sync", "staff"
    changed_at = Timestamptz()


class CatalogVersion(Table, tablename="catalog_versions"):
    """A single row whose number grows with every change; each web process rebuilds its snapshot when it does."""

    id = SmallInt(primary_key=True)
    version = BigInt(default=0)
    changed_at = Timestamptz()

    there_is_only_one = Check(id == 1)


class Trouble(StrEnum):
    """What does not work with a provider: the same thing has to work again before it counts as healthy."""

    NONE = ""
    SENDING = "sending"
    READING = "reading"


class Provider(Table, tablename="providers"):
    """An upstream company. Its API key is in the environment, never here."""

    id = BigSerial(primary_key=True)
    key = Varchar(length=40, unique=True)  # names the gateway's settings
    name = Varchar(length=100)
    currency = Varchar(length=3)
    markup_percent = Integer()
    active = Boolean(default=True)
    balance = money(null=True)
    healthy = Boolean(default=True)
    trouble = Varchar(length=20, choices=Trouble, default=Trouble.NONE)
    health_note = Varchar(length=200)
    checked_at = optional_time()
    synced_at = optional_time()


class ProviderService(Table, tablename="provider_services"):
    """Which service of a provider carries out which service of ours, and what it costs us."""

    id = BigSerial(primary_key=True)
    provider = reference(Provider)
    service = reference(Service)
    external_id = Varchar(length=100)
    cost = money()  # per 1,000, or of one package, in the provider's currency
    listed = Boolean(default=True)
    priority = SmallInt(default=0)
    synced_at = Timestamptz()
