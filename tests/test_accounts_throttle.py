"""Throttling: waits that grow, are shared by nobody else, and come before the work."""

import asyncio
from datetime import timedelta

import pytest

from domain.accounts import throttle
from domain.accounts.throttle import Count, Limit, count, network_of
from domain.clock import now
from domain.errors import Busy
from models.accounts import Throttle
from models.database import fetch

LIMIT = Limit(free=3, first=2, longest=60)


def counted(deed: str = "try", whom: str = "marta", limit: Limit = LIMIT) -> Count:
    return count(deed, whom, limit=limit, secret_key="key")


async def wait_over() -> None:
    """Let every wait end, as time would."""
    await fetch("UPDATE throttles SET blocked_until = $1", now() - timedelta(seconds=1))


async def attempts() -> list[int]:
    rows = await fetch("SELECT attempts FROM throttles ORDER BY key")
    return [row["attempts"] for row in rows]


def test_wait_doubles_up_to_the_longest() -> None:
    assert [LIMIT.wait_after(tries) for tries in range(10)] == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60]
    assert LIMIT.wait_after(10_000) == 60


async def test_spend_lets_the_free_tries_pass_and_then_says_how_long_to_wait() -> None:
    for _try in range(3):
        await throttle.spend(counted())

    with pytest.raises(Busy) as busy:
        await throttle.spend(counted())

    assert busy.value.seconds in {1, 2}


async def test_spend_counts_nothing_while_somebody_has_to_wait() -> None:
    for _try in range(3):
        await throttle.spend(counted())
    for _try in range(5):
        with pytest.raises(Busy):
            await throttle.spend(counted(whom="another"), counted())

    assert await attempts() == [3]


async def test_spend_waits_longer_after_each_wait() -> None:
    waits = []
    for _round in range(3):
        while True:
            try:
                await throttle.spend(counted())
            except Busy as busy:
                waits.append(busy.seconds)
                await wait_over()
                break

    assert waits == [2, 4, 8]


async def test_spend_says_long_waits_in_minutes() -> None:
    await throttle.spend(counted(limit=Limit(free=1, first=900, longest=900)))

    with pytest.raises(Busy, match=r"^That was tried too often\. Try again in 15 minutes\.$"):
        await throttle.spend(counted())


async def test_spend_forgets_after_a_day() -> None:
    for _try in range(3):
        await throttle.spend(counted())
    await fetch("UPDATE throttles SET last_attempt_at = $1, blocked_until = $1", now() - timedelta(days=1, seconds=1))

    await throttle.spend(counted())

    assert await attempts() == [1]


async def test_spend_pauses_where_strangers_could_lock_somebody_out() -> None:
    gentle = Limit(free=2, first=0.25, longest=2, refuses=False)

    pauses = [await throttle.spend(counted(limit=gentle)) for _try in range(7)]

    assert pauses == [0, 0.25, 0.5, 1, 2, 2, 2]


async def test_give_back_undoes_one_try_and_its_wait() -> None:
    for _try in range(3):
        await throttle.spend(counted())

    await throttle.give_back(counted())

    assert await attempts() == [2]
    assert await throttle.spend(counted()) == 0


async def test_forget_begins_at_nothing_for_one_key_alone() -> None:
    await throttle.spend(counted(), counted(whom="another"))

    await throttle.forget(counted())

    assert [row["key"] for row in await Throttle.select(Throttle.key)] == [counted(whom="another").key]


@pytest.mark.commits
async def test_spend_counts_every_one_of_many_tries_at_once() -> None:
    answers = await asyncio.gather(
        *(throttle.spend(counted(), counted(whom="the address")) for _try in range(20)), return_exceptions=True
    )

    assert sum(isinstance(answer, Busy) for answer in answers) == 17
    assert [answer for answer in answers if not isinstance(answer, Busy)] == [0, 0, 0]


def test_key_differs_by_deed_person_and_secret_and_tells_none_of_them() -> None:
    keys = {
        counted().key,
        counted(deed="other").key,
        counted(whom="bob").key,
        count("try", "marta", limit=LIMIT, secret_key="another").key,
    }

    assert len(keys) == 4
    assert not any("marta" in key for key in keys)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_network_is_what_one_customer_of_a_provider_holds(address: str, network: str) -> None:
    assert network_of(address) == network


async def test_sweep_deletes_what_is_a_day_old() -> None:
    await throttle.spend(counted(), counted(whom="another"))
    await Throttle.update({Throttle.last_attempt_at: now() - timedelta(days=2)}).where(Throttle.key == counted().key)

    await throttle.sweep()

    assert [row["key"] for row in await Throttle.select(Throttle.key)] == [counted(whom="another").key]
