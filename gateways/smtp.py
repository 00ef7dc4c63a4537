"""The mail host, spoken to in SMTP (RFC 5321): one connection for each letter."""

from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import localtime, parseaddr

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from domain.notices.mailer import MailRefused, MailUnknown, OutgoingMail

COMMAND_SECONDS = 30

# A host may think for minutes about a whole message, and giving up early makes doubts (RFC 5321, 4.5.3.2.6).
ACCEPTANCE_SECONDS = 300


class SmtpMailer:
    """Hands letters to one mail host. With `start_tls` nothing is said in the clear; without a username no sign-in."""

    def __init__(
        self, *, host: str, port: int, sender: str, username: str = "", password: str = "", start_tls: bool
    ) -> None:
        self.host = host
        self.port = port
        self.sender = sender
        self.username = username
        self.password = password
        self.start_tls = start_tls

    async def send(self, mail: OutgoingMail) -> None:
        """Hand over a letter once. Raises MailRefused or MailUnknown."""
        message = build_message(mail, self.sender)
        client = self._client()
        try:
            await self._announce(client, mail.to_address)
            await _hand_over(client, message)
        finally:
            await _leave(client)

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username or None,
            password=self.password or None,
            local_hostname=_domain(self.sender),
            start_tls=self.start_tls,
            timeout=COMMAND_SECONDS,
        )

    async def _announce(self, client: aiosmtplib.SMTP, to_address: str) -> None:
        """Everything before the message itself: whatever breaks here, the host does not have the letter."""
        options = [] if to_address.isascii() else ["SMTPUTF8"]
        try:
            await client.connect()
            await client.mail(parseaddr(self.sender)[1], options=options)
            await client.rcpt(to_address, encoding="utf-8" if options else "ascii")
        except (SMTPSenderRefused, SMTPRecipientRefused) as error:
            raise _refused(error) from error
        except (SMTPException, OSError) as error:
            raise MailRefused(_note(error), permanent=False) from error


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
    """The message itself: from here on only a reply of the host says whether it has it."""
    try:
        await client.data(message.as_bytes(), timeout=ACCEPTANCE_SECONDS)
    except (SMTPException, OSError) as error:
        if isinstance(error, SMTPDataError) and error.code >= 400:
            raise _refused(error) from error
        raise MailUnknown(_note(error)) from error


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye; the letter's fate is decided, so that no trouble here matters."""
    with suppress(SMTPException, OSError):
        await client.quit()
    client.close()


def build_message(mail: OutgoingMail, sender: str) -> EmailMessage:
    """The letter as text and HTML, marked as written by a program so that no holiday answers come (RFC 3834)."""
    message = EmailMessage(policy=SMTP if mail.to_address.isascii() else SMTPUTF8)
    message["From"] = sender
    message["To"] = mail.to_address
    message["Subject"] = mail.letter.subject
    message["Date"] = localtime()
    message["Message-ID"] = f"<{mail.key}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.letter.text, cte="quoted-printable")
    message.add_alternative(mail.letter.html, subtype="html", cte="quoted-printable")
    # Only now: setting the content clears every Content- header.
    message["Content-Language"] = mail.locale
    return message


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _refused(error: SMTPResponseException) -> MailRefused:
    return MailRefused(_note(error), permanent=error.code >= 500)


def _note(error: Exception) -> str:
    """The kind of trouble and the reply's code; a host's own words often repeat the address."""
    code = f" {error.code}" if isinstance(error, SMTPResponseException) else ""
    return type(error).__name__ + code
