"""Signing in: throttled, checked without telling who exists, and answered with a new session."""

import asyncio

from domain import checkout
from domain.accounts import passwords, sessions, throttle
from domain.accounts.identities import Identity, find_identity, key_of
from domain.accounts.sessions import Visitor
from domain.accounts.throttle import Count, Limit
from domain.clock import now
from domain.errors import Invalid
from domain.i18n import gettext as _
from models.accounts import Account, Credential
from models.database import transaction

TRIES_OF_PAIR = Limit(free=5, first=2, longest=900)
TRIES_OF_ADDRESS = Limit(free=20, first=2, longest=900)
# From many addresses anybody can fail at somebody else's account, so this one never refuses: it pauses.
TRIES_OF_ACCOUNT = Limit(free=10, first=0.25, longest=2, refuses=False)


async def sign_in(identifier: str, password: str, *, visitor: Visitor, secret_key: str) -> str:
    """Check a username or mail address with its password, open a session and answer its token.

    An unknown name costs the same work and gets the same sentence as a wrong password. Raises Invalid and Busy.
    """
    counts = _counts(identifier, visitor.address, secret_key)
    await asyncio.sleep(await throttle.spend(*counts))
    identity = await find_identity(identifier)
    if not await passwords.verify(identity.secret if identity else None, password) or identity is None:
        raise Invalid({"": _wrong()})
    pair, *shared = counts
    async with transaction():
        await throttle.forget(pair)
        await throttle.give_back(*shared)
    await _renew_outdated_hash(identity, password)
    return await admit(identity.id, visitor)


def _wrong() -> str:
    """One sentence for everybody, with what helps who signed up a moment ago."""
    return _("The username, mail address or password is wrong. Until you confirm your address, use your username.")


def _counts(identifier: str, address: str, secret_key: str) -> list[Count]:
    """What one try counts for: the pair of account and address, the address, the account.

    The account is what was typed, not what it was found to be: a username and a mail address that share their waits
    would tell that they belong together.
    """
    account, network = key_of(identifier), throttle.network_of(address)
    return [
        throttle.count("sign_in_pair", account, network, limit=TRIES_OF_PAIR, secret_key=secret_key),
        throttle.count("sign_in_address", network, limit=TRIES_OF_ADDRESS, secret_key=secret_key),
        throttle.count("sign_in_account", account, limit=TRIES_OF_ACCOUNT, secret_key=secret_key),
    ]


async def _renew_outdated_hash(identity: Identity, password: str) -> None:
    """Hash again with today's parameters, now that the password is at hand."""
    if passwords.is_outdated(identity.secret):
        secret = await passwords.hash_password(password)
        await Credential.update({Credential.secret: secret}).where(
            Credential.account == identity.id, Credential.secret == identity.secret
        )


async def admit(account_id: int, visitor: Visitor) -> str:
    """Open a session for an account and answer its token; the visitor's cart comes along.

    The token that the visitor brought opens nothing any more: whoever planted it gains nothing (session fixation).
    """
    async with transaction():
        token = await sessions.begin(account_id, theme=visitor.theme)
        if visitor.session_id is not None:
            await checkout.merge(session_id=visitor.session_id, account_id=account_id)
            await sessions.end(visitor.session_id)
        await Account.update({Account.last_signed_in_at: now()}).where(Account.id == account_id)
    return token
