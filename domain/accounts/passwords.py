"""Passwords: one-way argon2id hashes, made in a thread of their own, and advice to who chooses one."""

import asyncio
import os
import re
import sys
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from secrets import token_bytes
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from zxcvbn import zxcvbn
from zxcvbn.matching import RANKED_DICTIONARIES

from domain.errors import Overloaded
from domain.i18n import gettext as _

MIN_LENGTH = 10
MAX_LENGTH = 128
MIN_HINT = 3  # shorter parts of names are in many good passwords by chance
MIN_REST = 6
MAX_KNOWN = 254  # a username or mail address that is longer is refused anyway
MAX_TYPED = 4 * MAX_LENGTH  # leaves room for letters typed as two characters; normalising far more takes seconds
GOOD_SCORE = 3  # of 4: more than 10^8 guesses
JUDGED_LENGTH = 72  # the work of zxcvbn grows with the square of the length, and this much says enough

# The smallest of OWASP's recommended parameters (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
MAX_WAITING = 40  # about two seconds of hashing; who comes later is told to come back

Result = TypeVar("Result")


async def hash_password(password: str) -> str:
    """The argon2id hash to store, with its salt and parameters. Raises Overloaded."""
    return await _desk.run(partial(_HASHER.hash, _normal(password)))


async def verify(secret: str | None, password: str) -> bool:
    """Whether the password belongs to the stored hash. Raises Overloaded.

    Without a hash the same work is done and the answer is no: the time tells nobody whether an account exists.
    """
    return await _desk.run(partial(_matches, secret or _NOBODYS_SECRET, _normal(password)))


def is_outdated(secret: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(secret)


async def find_weakness(password: str, *, about: Sequence[str]) -> str:
    """What is wrong with a new password and what would help, in one or two sentences; "" when it is good.

    `about` is what others know of the person: username, mail address. Raises Overloaded.
    """
    if len(password) < MIN_LENGTH:
        return _("Use at least %(count)s characters. Three or four unrelated words work well.") % {"count": MIN_LENGTH}
    if len(password) > MAX_LENGTH:
        return _("Use at most %(count)s characters.") % {"count": MAX_LENGTH}
    if _is_little_more_than(_hints(about), password):
        return _("This is too close to your username, your mail address or the name of this shop.")
    if password.casefold() in RANKED_DICTIONARIES["passwords"]:
        return _("This is one of the passwords that people use most, so it is tried first. Choose another.")
    judgement = await _desk.run(partial(zxcvbn, password[:JUDGED_LENGTH], _hints(about)))
    return "" if judgement["score"] >= GOOD_SCORE else _advice(judgement["sequence"])


def _is_little_more_than(hints: Sequence[str], password: str) -> bool:
    """Whether hardly anything stays when everything is taken away that others know."""
    rest = password.casefold()
    for hint in sorted(hints, key=len, reverse=True):
        rest = rest.replace(hint, "") if len(hint) >= MIN_HINT else rest
    return len(rest) < MIN_REST


def _hints(about: Sequence[str]) -> list[str]:
    """What an attacker would try for this person, the parts of the mail address too."""
    whole = [known[:MAX_KNOWN].casefold() for known in about if known]
    return [*whole, *(part for known in whole for part in re.split(r"[^a-z0-9]+", known) if part), "upfront"]


def _advice(sequence: Sequence[dict[str, Any]]) -> str:
    """Say what makes the password easy, by its longest part that follows a pattern."""
    known = [part for part in sequence if part["pattern"] != "bruteforce"]
    longest = max(known, key=lambda part: len(part["token"]), default={"pattern": ""})
    reasons = {
        "dictionary": _("Single words and names are easy to guess, with digits in place of letters too."),
        "spatial": _("Neighbouring keys are easy to guess."),
        "repeat": _("Repeating something makes a password longer but hardly stronger."),
        "sequence": _("Runs like “abcdef” or “123456” are easy to guess."),
        "regex": _("Years are easy to guess."),
        "date": _("Dates are easy to guess."),
    }
    reason = reasons.get(longest["pattern"], _("It is easy to guess."))
    return reason + " " + _("Add two or three unrelated words.")


def _normal(password: str) -> bytes:
    """The same bytes for the same characters, whichever keyboard typed them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password[:MAX_TYPED]).encode("utf-8", "surrogatepass")


def _matches(secret: str, password: bytes) -> bool:
    try:
        return _HASHER.verify(secret, password)
    except VerifyMismatchError:
        return False


def _build_nobodys_secret() -> str:
    """A hash that no password has, with today's parameters."""
    parameters = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    salt, digest = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19${parameters}${salt}${digest}"


_NOBODYS_SECRET = _build_nobodys_secret()


class _Desk:
    """One thread that gives way to every other, with a short queue before it.

    Hashing in the event loop would hold up every page; in many threads it would take the processor from them. One
    thread is also what zxcvbn needs, which keeps the hints of its caller in a global.
    """

    def __init__(self, *, seats: int) -> None:
        self.seats = seats
        self.taken = 0
        self.thread = ThreadPoolExecutor(1, "passwords", initializer=_give_way)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do the work when its turn comes. Raises Overloaded when all seats are taken."""
        if self.taken >= self.seats:
            raise Overloaded(_("Many people are signing in right now. Try again in a few seconds."), seconds=5)
        self.taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.thread, work)
        finally:
            self.taken -= 1


def _give_way() -> None:
    """Lower this thread's priority; only Linux has one for each thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


_desk = _Desk(seats=MAX_WAITING)
