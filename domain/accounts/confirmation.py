"""Confirming a mail address: a letter with a link, and an address that belongs to the account that opened it."""

from dataclasses import dataclass
from datetime import timedelta

from asyncpg import UniqueViolationError

from domain import notices
from domain.accounts import throttle, tokens
from domain.accounts.identities import Identity, find_identity_of
from domain.accounts.throttle import Limit
from domain.accounts.tokens import Purpose
from domain.clock import now
from domain.errors import NotFound, Refused
from domain.i18n import gettext as _
from domain.notices import Letter, LetterName
from models.database import fetch, fetch_one, fetch_value, transaction

LIFETIME = timedelta(days=3)
LETTERS_OF_ACCOUNT = Limit(free=3, first=60, longest=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a confirmation link says: this address, for this account."""

    account_id: int
    username: str
    email: str


async def queue_letter(account_id: int, *, secret_key: str) -> None:
    """Queue the letter that belongs to an unconfirmed account, inside the running transaction.

    When another account has confirmed the address, its owner is told so instead, and nobody else learns of it.
    """
    identity = await _find_account(account_id)
    owner = await fetch_value(_FIND_OWNER, identity.email.casefold())
    if owner is None:
        token = tokens.sign(Purpose.CONFIRM_ADDRESS, identity.id, identity.email, secret_key=secret_key)
        await notices.queue(_letter(LetterName.CONFIRM_ADDRESS, identity, username=identity.username, token=token))
    else:
        await notices.queue(_letter(LetterName.ALREADY_REGISTERED, identity, username=owner))


async def send_again(account_id: int, *, secret_key: str) -> None:
    """Write once more to an unconfirmed address. Raises Busy, and Refused when there is nothing to confirm."""
    identity = await _find_account(account_id)
    if identity.email_confirmed_at is not None:
        raise Refused(_("Your mail address is confirmed already."))
    await throttle.spend(
        throttle.count("confirmation_letter", str(account_id), limit=LETTERS_OF_ACCOUNT, secret_key=secret_key)
    )
    async with transaction():
        await queue_letter(account_id, secret_key=secret_key)


async def find_confirmation(token: str, *, secret_key: str) -> Confirmation:
    """What a link would confirm; nothing changes yet, since mail scanners open links too. Raises NotFound."""
    account_id, email = tokens.read(Purpose.CONFIRM_ADDRESS, token, lifetime=LIFETIME, secret_key=secret_key)
    row = await fetch_one("SELECT username FROM accounts WHERE id = $1 AND email = $2", account_id, email)
    if row is None:
        raise tokens.dead_link()
    return Confirmation(account_id=account_id, username=row["username"], email=email)


async def confirm_address(token: str, *, secret_key: str) -> Confirmation:
    """Confirm the address of a link; doing so twice is no mistake.

    Raises NotFound, and Refused when another account confirmed the same address first.
    """
    confirmation = await find_confirmation(token, secret_key=secret_key)
    try:
        async with transaction():
            await fetch(_CONFIRM, confirmation.account_id, confirmation.email, now())
    except UniqueViolationError:
        raise Refused(_("This mail address belongs to another account. Sign in to that one.")) from None
    return confirmation


_FIND_OWNER = "SELECT username FROM accounts WHERE email_key = $1 AND email_confirmed_at IS NOT NULL"

_CONFIRM = """
UPDATE accounts SET email_confirmed_at = $3 WHERE id = $1 AND email = $2 AND email_confirmed_at IS NULL
"""


async def _find_account(account_id: int) -> Identity:
    identity = await find_identity_of(account_id)
    if identity is None:
        raise NotFound(_("There is no such account."))
    return identity


def _letter(name: LetterName, identity: Identity, **context: str) -> Letter:
    cause = f"account:{identity.id}:{name}:{now().isoformat()}"
    return Letter(name, cause, identity.id, identity.email, identity.locale, context)
