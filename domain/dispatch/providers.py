"""What the shop asks of a provider, in the shop's own words, and how an attempt to send an order can end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from models.catalog import ServiceType


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedService:
    """One line of a provider's price list; `cost` is 10^-8 of the provider's currency per 1,000, or per package."""

    external_id: str
    name: str
    category: str
    type: str
    cost: int
    min_quantity: int
    max_quantity: int
    refill: bool
    cancel: bool
    drip_feed: bool
    description: str = ""
    average_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What is sent for one order; `fields` are the type's own, by their API v2 names."""

    external_service_id: str
    type: ServiceType
    link: str
    quantity: int
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    external_id: str


class ReportedState(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What a provider says of one order. Fields it left out, or filled with words, are None."""

    state: ReportedState | None  # None when its word is unknown: the order keeps its state
    word: str
    start_count: int | None
    remains: int | None
    cost: int | None  # 10^-8 of the provider's currency


@dataclass(frozen=True, slots=True)
class StatusError:
    """The provider's own sentence about one order, such as "Incorrect order ID"."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Balance:
    amount: int  # 10^-8
    currency: str


class ProviderError(Exception):
    """Base of what can go wrong with a provider; the message is for staff and holds no key."""


class Rejected(ProviderError):
    """A well-formed refusal of this order: it was not taken."""

    def __init__(self, sentence: str, *, reason: "Reason") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason


class NotSent(ProviderError):
    """Nothing reached the provider (name look-up, refused connection, TLS): sending again is safe."""


class UnknownOutcome(ProviderError):
    """The provider may or may not have the order: it must never be sent again by itself.

    `external_id` is the id it named all the same, if any, for the person who decides.
    """

    def __init__(self, message: str, *, external_id: str | None = None) -> None:
        super().__init__(message)
        self.external_id = external_id


class ProviderDown(ProviderError):
    """A question could not be answered: says something about the provider, never about an order."""


class Reason(StrEnum):
    """Why an order was refused, and so what happens next (API v2 contract, section 6)."""

    ORDER = "order"  # this order is wrong: cancel it with a full refund
    SERVICE = "service"  # the provider no longer offers the service or its limits: cancel and refund
    ACTIVE_LINK = "active_link"  # an order with this link is under way there: later
    PROVIDER = "provider"  # key, suspension, empty wallet, too many requests: keep it queued


@runtime_checkable
class Provider(Protocol):
    """One upstream company. No call is made inside a database transaction, and `add_order` is never repeated."""

    async def list_services(self) -> Sequence[OfferedService]:
        """Its whole price list. Raises ProviderDown, also for an answer that is no price list."""

    async def add_order(self, request: OrderRequest) -> Accepted:
        """Send an order once. Raises Rejected, NotSent or UnknownOutcome."""

    async def list_statuses(self, external_ids: Sequence[str]) -> Mapping[str, StatusReport | StatusError]:
        """What it says of at most 100 orders; ids it left out are missing. Raises ProviderDown."""

    async def find_balance(self) -> Balance:
        """What is left of the shop's money there. Raises ProviderDown."""
