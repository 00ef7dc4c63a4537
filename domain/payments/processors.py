"""What the shop asks of a payment company, in the shop's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is to be paid. `amount` is 10^-8 and always whole cents; `code` must come back unchanged.

    The payer's browser comes back to `return_url`, or to /return or /failure below it by a cross-site POST.
    """

    code: str
    amount: int
    currency: str
    description: str
    return_url: str
    created_at: datetime
    lifetime: timedelta  # how long the page shall accept money


@dataclass(frozen=True, slots=True)
class HostedPage:
    """Where the payer goes, and what the processor calls this payment."""

    reference: str
    url: str


class TruthState(StrEnum):
    OPEN = "open"
    PROCESSING = "processing"  # the payer has done his part, the bank has not
    PAID = "paid"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    FAILED = "failed"
    REVERSED = "reversed"  # paid, and refunded or charged back since

    @classmethod
    def moved_money(cls) -> tuple["TruthState", ...]:
        """The payer's money has left, whatever became of it."""
        return (cls.PAID, cls.UNDERPAID, cls.OVERPAID, cls.REVERSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the processor's own API says of a payment, asked with our credential.

    `amount` (10^-8) is what its bill asks for; `arrived` is what came where that is another sum, if it tells.
    """

    state: TruthState
    reference: str
    code: str
    amount: int
    currency: str
    arrived: int | None = None


class Tidings(StrEnum):
    """What a notification is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    CHARGEBACK = "chargeback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notification whose signature holds. It is a hint: nothing is credited from it."""

    kind: Tidings
    code: str
    dedupe_key: str
    fields: Mapping[str, str]  # only what may be kept
    body_sha256: bytes


class ProcessorError(Exception):
    """Base of what can go wrong with a processor; the message is for staff and holds no secret."""


class Forged(ProcessorError):
    """The signature does not hold, or the body is not the processor's; `fields` holds what may be logged of it."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class ProcessorDown(ProcessorError):
    """It did not answer, or not in its protocol: ask again later."""


class CredentialRefused(ProcessorDown):
    """It does not take our key: an alarm for the operator, and for a customer the same as no answer."""


class ProcessorRefused(ProcessorError):
    """It refuses this payment for good."""


@runtime_checkable
class Processor(Protocol):
    """One payment company. Nothing here is called inside a database transaction."""

    @property
    def key(self) -> str:
        """Its name in addresses and tables, such as "cardlink"."""

    async def start(self, intent: Intent) -> HostedPage:
        """Make the payment there; a second call makes a second one. Raises ProcessorDown or ProcessorRefused."""

    async def find(self, code: str, *, created_at: datetime) -> HostedPage | None:
        """The payment that `start` made before its answer was lost, if it did. Raises ProcessorDown."""

    async def find_truth(self, reference: str) -> Truth:
        """What has been paid. Raises ProcessorDown."""

    def read_notification(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Check the signature and keep the fields that may be kept. Raises Forged."""

    async def aclose(self) -> None:
        """Give the connections back, once, when the process ends."""


Processors = Mapping[str, Processor]
