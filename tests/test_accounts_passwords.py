"""Passwords: hashes that cost, advice that helps, and a thread that gives way."""

import asyncio
import os
import sys
import threading
import time

import pytest

from domain.accounts import passwords
from domain.accounts.passwords import MAX_LENGTH, find_weakness, hash_password, is_outdated, verify
from domain.errors import Overloaded

GOOD = "copper lantern drifts north"
ABOUT = ("marta.k", "marta@example.com")


async def test_hash_is_argon2id_with_the_recommended_parameters_and_its_own_salt() -> None:
    first, second = await hash_password(GOOD), await hash_password(GOOD)

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert not is_outdated(first)


async def test_verify_knows_the_password_and_no_other() -> None:
    secret = await hash_password(GOOD)

    assert await verify(secret, GOOD)
    assert not await verify(secret, GOOD + " ")
    assert not await verify(secret, "")
    assert not await verify(None, GOOD)


async def test_verify_takes_the_same_characters_from_every_keyboard() -> None:
    composed, decomposed = "caf\u00e9 au lait noir", "cafe\u0301 au lait noir"

    assert await verify(await hash_password(composed), decomposed)


async def test_verify_survives_text_that_is_none() -> None:
    assert not await verify(None, "\ud800\0" * 3)


def test_hash_with_weaker_parameters_is_outdated() -> None:
    assert is_outdated("$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA")


@pytest.mark.parametrize(
    "password", [GOOD, "Tr0ub4dor&3-Tr4ctor", "x9$kQ2!mVz7p", "\u00e4\u00f6\u00fc\u00df" * 5 + "7qW%x2"]
)
async def test_strong_password_has_no_weakness(password: str) -> None:
    assert await find_weakness(password, about=ABOUT) == ""


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("x9$kQ2!mV", "Use at least 10 characters."),
        ("a1 " * 43, f"Use at most {MAX_LENGTH} characters."),
        ("Marta@Example.com", "too close to your username, your mail address"),
        ("marta.k.marta.k", "too close to your username, your mail address"),
        ("Upfront-Marta1", "or the name of this shop"),
        ("qwertyuiop", "one of the passwords that people use most"),
        ("absolutely", "Single words and names are easy to guess"),
        ("zxcvbnm,./zxc", "Neighbouring keys are easy to guess"),
        ("aaaaaaaaaaaaaaaa", "Repeating something"),
        ("abcdefghijklmno", "Runs like"),
    ],
)
async def test_weak_password_is_refused_with_the_reason(password: str, sentence: str) -> None:
    assert sentence in await find_weakness(password, about=ABOUT)


async def test_longest_password_is_judged_by_its_beginning() -> None:
    assert await find_weakness("aB3$" * 32, about=ABOUT) != ""


async def test_text_made_to_keep_the_shop_busy_costs_no_more_than_any_other() -> None:
    """Ordering 100,000 combining marks, or taking away 100,000 parts of a name, would hold up every page."""
    marks, parts = "\u0301\u0316" * 100_000, "ab." * 100_000
    begun = time.process_time()

    assert not await verify(None, marks)
    assert await find_weakness(GOOD, about=(parts, parts)) == ""

    assert time.process_time() - begun < 2


async def test_work_is_done_in_one_thread_that_gives_way_to_pages() -> None:
    def look() -> tuple[str, int]:
        return threading.current_thread().name, os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    seen = {await passwords._desk.run(look) for _time in range(3)}

    assert len(seen) == 1
    [(name, priority)] = seen
    assert name != threading.main_thread().name
    if sys.platform == "linux":
        assert priority > os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.commits
async def test_queue_is_short_and_whoever_comes_later_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords._desk, "seats", 2)

    answers = await asyncio.gather(*(verify(None, GOOD) for _time in range(5)), return_exceptions=True)

    assert answers[:2] == [False, False]
    assert [type(answer) for answer in answers[2:]] == [Overloaded] * 3
    assert passwords._desk.taken == 0
