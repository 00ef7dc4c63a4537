"""What the shop asks of a mail host, in the shop's own words, and how handing over a letter can end."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from domain.notices.letters import RenderedLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One letter on its way. `key` is the same for the same cause, so that a receiver can recognise a duplicate."""

    key: str
    to_address: str
    locale: str
    letter: RenderedLetter


class MailerError(Exception):
    """Base of what can go wrong with a mail host; the message is for staff and holds no address and no password."""


class MailRefused(MailerError):
    """The host surely does not have the letter. `permanent` when trying again cannot help."""

    def __init__(self, note: str, *, permanent: bool) -> None:
        super().__init__(note)
        self.permanent = permanent


class MailUnknown(MailerError):
    """The host may or may not have the letter: it must never be sent again by itself."""


@runtime_checkable
class Mailer(Protocol):
    """One mail host. It is never called inside a database transaction."""

    async def send(self, mail: OutgoingMail) -> None:
        """Hand over a letter once; it is accepted when this returns. Raises MailRefused or MailUnknown."""
