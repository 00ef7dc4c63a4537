"""What the shop asks of a payment company, in the shop's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is to be paid. `amount` is 10^-8 and always whole cents; `code` must come back unchanged."""

    code: str
    amount: int
    currency: str
    description: str
    return_url: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HostedPage:
    """Where the payer goes, and what the processor calls this payment."""

    reference: str
    url: str


class TruthState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the processor's own API says of a payment, asked with our credential; amounts are 10^-8."""

    state: TruthState
    reference: str
    code: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notification whose signature holds. It is a hint: nothing is credited from it."""

    kind: str
    code: str
    dedupe_key: str
    fields: Mapping[str, str]  # only what may be kept
    body_sha256: bytes


class ProcessorError(Exception):
    """Base of what can go wrong with a processor; the message is for staff and holds no secret."""


class Forged(ProcessorError):
    """The signature does not hold, or the body is not the processor's."""


class ProcessorDown(ProcessorError):
    """It did not answer, or not in its protocol: ask again later."""


class ProcessorRefused(ProcessorError):
    """It refuses this shop or this payment for good."""


@runtime_checkable
class Processor(Protocol):
    """One payment company. Nothing here is called inside a database transaction."""

    @property
    def key(self) -> str:
        """Its name in addresses and tables, such as "cardlink"."""

    async def start(self, intent: Intent) -> HostedPage:
        """Make the payment there, or find the one that an earlier, timed-out call made.

        Raises ProcessorDown or ProcessorRefused.
        """

    async def find_truth(self, reference: str) -> Truth:
        """What has been paid. Raises ProcessorDown."""

    def read_notification(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Check the signature and keep the fields that may be kept. Raises Forged."""


Processors = Mapping[str, Processor]
