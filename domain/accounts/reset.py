"""Choosing a new password: through a link in a letter, or signed in with the old one."""

import asyncio
from datetime import timedelta
from hashlib import sha256

from domain import notices
from domain.accounts import passwords, sessions, throttle, tokens
from domain.accounts.identities import Identity, find_identity, find_identity_of, key_of
from domain.accounts.sessions import Visitor
from domain.accounts.throttle import Limit
from domain.accounts.tokens import Purpose
from domain.clock import now
from domain.errors import Invalid
from domain.i18n import gettext as _
from domain.notices import Letter, LetterName
from models.database import fetch_value, transaction

LIFETIME = timedelta(hours=1)
LETTERS_OF_ACCOUNT = Limit(free=3, first=60, longest=900)
LETTERS_OF_ADDRESS = Limit(free=10, first=5, longest=900)
TRIES_OF_ACCOUNT = Limit(free=5, first=2, longest=900)

# Longer than queueing a letter takes, so that the time does not tell whether one was queued. Seconds.
ANSWER_AFTER = 0.3


async def request_reset(identifier: str, *, visitor: Visitor, secret_key: str) -> None:
    """Queue a letter with a link, if there is such an account; whoever asks cannot tell.

    `identifier` is a username or a mail address. Raises Busy.
    """
    network = throttle.network_of(visitor.address)
    await throttle.spend(
        throttle.count("reset_account", key_of(identifier), limit=LETTERS_OF_ACCOUNT, secret_key=secret_key),
        throttle.count("reset_address", network, limit=LETTERS_OF_ADDRESS, secret_key=secret_key),
    )
    clock = asyncio.get_running_loop()
    answer_at = clock.time() + ANSWER_AFTER
    await _queue_letter(identifier, secret_key)
    await asyncio.sleep(answer_at - clock.time())


async def find_reset(token: str, *, secret_key: str) -> Identity:
    """The account whose password a link may replace. Raises NotFound, also when the link was used."""
    account_id, made_for = tokens.read(Purpose.RESET_PASSWORD, token, lifetime=LIFETIME, secret_key=secret_key)
    identity = await find_identity_of(account_id)
    if identity is None or fingerprint(identity.secret) != made_for:
        raise tokens.dead_link()
    return identity


async def reset_password(token: str, password: str, *, secret_key: str) -> None:
    """Replace the password of a link's account and sign it out everywhere.

    Raises NotFound, Busy, and Invalid with advice when the password is weak.
    """
    identity = await find_reset(token, secret_key=secret_key)
    await _check_strength(identity, password)
    if not await _replace(identity, password, keep_session=None):
        raise tokens.dead_link()


async def change_password(account_id: int, current: str, new: str, *, session_id: int | None, secret_key: str) -> None:
    """Replace the password of somebody who is signed in and knows it; every session but theirs ends.

    Raises Invalid with a sentence for each field, and Busy.
    """
    tries = throttle.count("change_password", str(account_id), limit=TRIES_OF_ACCOUNT, secret_key=secret_key)
    await throttle.spend(tries)
    identity = await find_identity_of(account_id)
    if not await passwords.verify(identity.secret if identity else None, current) or identity is None:
        raise Invalid({"current_password": _("That is not your current password.")})
    await throttle.forget(tries)
    await _check_strength(identity, new)
    if not await _replace(identity, new, keep_session=session_id):
        raise Invalid({"current_password": _("Your password was changed a moment ago, somewhere else.")})


def fingerprint(secret: str) -> str:
    """Names a password hash without telling it: a new password kills every link made for the old one."""
    return sha256(secret.encode()).hexdigest()[:32]


async def _queue_letter(identifier: str, secret_key: str) -> None:
    identity = await find_identity(identifier)
    if identity is None:
        return
    token = tokens.sign(Purpose.RESET_PASSWORD, identity.id, fingerprint(identity.secret), secret_key=secret_key)
    context = {"username": identity.username, "token": token}
    cause = f"account:{identity.id}:reset_password:{now().isoformat()}"
    letter = Letter(LetterName.RESET_PASSWORD, cause, identity.id, identity.email, identity.locale, context)
    async with transaction():
        await notices.queue(letter)


async def _check_strength(identity: Identity, password: str) -> None:
    weakness = await passwords.find_weakness(password, about=(identity.username, identity.email))
    if weakness:
        raise Invalid({"password": weakness})


_REPLACE = """
UPDATE credentials SET secret = $3, changed_at = $4 WHERE account = $1 AND kind = 'password' AND secret = $2 RETURNING 1
"""


async def _replace(identity: Identity, password: str, *, keep_session: int | None) -> bool:
    """Store the new hash and end the sessions; False when another request replaced the old one first."""
    secret = await passwords.hash_password(password)
    async with transaction():
        replaced = await fetch_value(_REPLACE, identity.id, identity.secret, secret, now())
        if replaced:
            await sessions.end_all(identity.id, but=keep_session)
    return bool(replaced)
