"""Notices: which letter goes out when, queued with the change that causes it and sent once."""

from domain.notices.delivery import deliver, sweep
from domain.notices.letters import Letter, LetterName, RenderedLetter, queue
from domain.notices.mailer import Mailer, MailRefused, MailUnknown, OutgoingMail

__all__ = [
    "Letter",
    "LetterName",
    "MailRefused",
    "MailUnknown",
    "Mailer",
    "OutgoingMail",
    "RenderedLetter",
    "deliver",
    "queue",
    "sweep",
]
