"""Identities: what people may be called, and which account a username or mail address means."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from models.accounts import AccountState, CredentialKind
from models.database import fetch_one

# ASCII only: no two usernames look the same. No "@", so that none can pass for a mail address.
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,29}")
MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account as signing in knows it."""

    id: int
    username: str
    email: str
    email_confirmed_at: datetime | None
    locale: str
    secret: str = field(repr=False)  # argon2id hash


def parse_email(typed: str) -> str | None:
    """The address in the form that mail travels by, with a domain of other scripts in ASCII; None when it is none."""
    if len(typed) > MAX_EMAIL:
        return None
    try:
        # Whether the domain takes mail is for the letter to find out: asking DNS would tell others who signs up.
        return validate_email(typed, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


def key_of(identifier: str) -> str:
    """What two spellings of one username or mail address have in common."""
    return (parse_email(identifier) or identifier).casefold()


_FIND = """
SELECT a.id, a.username, a.email, a.email_confirmed_at, a.locale, c.secret
  FROM accounts a JOIN credentials c ON c.account = a.id AND c.kind = $2
 WHERE a.state <> $3 AND {}
"""
_FIND_BY_NAME = _FIND.format("(a.username_key = $1 OR a.email_key = $1 AND a.email_confirmed_at IS NOT NULL)")
_FIND_BY_ID = _FIND.format("a.id = $1")


async def find_identity(identifier: str) -> Identity | None:
    """The account that a username or mail address means.

    An address means the account that confirmed it, and no other. If an unconfirmed one could be used to sign in,
    anybody could sign up with somebody's address and see from what happens next whether it has an owner.
    """
    if not identifier.isprintable():
        return None
    return await _find(_FIND_BY_NAME, key_of(identifier))


async def find_identity_of(account_id: int) -> Identity | None:
    return await _find(_FIND_BY_ID, account_id)


async def _find(sql: str, value: object) -> Identity | None:
    row = await fetch_one(sql, value, CredentialKind.PASSWORD, AccountState.CLOSED)
    return Identity(**row) if row else None
