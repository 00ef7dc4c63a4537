"""Sessions: opaque tokens, stored hashed, over when they are over."""

from datetime import timedelta

from domain.accounts import sessions
from domain.accounts.sessions import LIFETIME, hash_token
from domain.clock import now
from models.accounts import Session
from models.checkout import Cart
from models.database import fetch
from tests.factories import make_account, make_staff


async def test_session_token_is_random_and_stored_only_as_its_hash() -> None:
    first, second = await sessions.begin(), await sessions.begin()

    stored = {bytes(row["token_hash"]) for row in await Session.select(Session.token_hash)}
    assert len(first) >= 43
    assert stored == {hash_token(first), hash_token(second)}


async def test_session_is_found_with_its_account() -> None:
    account = await make_account("marta")
    staff = await make_staff("ines")

    found = await sessions.find(await sessions.begin(account.id, theme="dark"), currency="USD")
    member = await sessions.find(await sessions.begin(staff.id), currency="USD")

    assert found is not None
    assert (found.account_id, found.username, found.theme, found.balance) == (account.id, "marta", "dark", 0)
    assert found.staff_id is None
    assert member is not None
    assert (member.staff_role, member.staff_id is not None) == ("owner", True)


async def test_session_of_a_visitor_has_no_account_and_no_balance() -> None:
    found = await sessions.find(await sessions.begin(), currency="USD")

    assert found is not None
    assert (found.account_id, found.username, found.balance) == (None, "", None)


async def test_session_of_a_closed_account_is_nobodys() -> None:
    account = await make_account("marta", state="closed")

    found = await sessions.find(await sessions.begin(account.id), currency="USD")

    assert found is not None
    assert found.username == ""


async def test_unknown_token_finds_nothing() -> None:
    await sessions.begin()

    assert await sessions.find("unknown", currency="USD") is None


async def test_session_ends_by_itself_after_its_lifetime() -> None:
    token = await sessions.begin()
    assert timedelta(days=30) == LIFETIME

    await fetch("UPDATE sessions SET expires_at = $1", now() - timedelta(seconds=1))

    assert await sessions.find(token, currency="USD") is None


async def test_ended_session_is_not_found_again() -> None:
    token = await sessions.begin()
    found = await sessions.find(token, currency="USD")
    assert found is not None

    await sessions.end(found.id)

    assert await sessions.find(token, currency="USD") is None


async def test_ending_all_sessions_keeps_the_one_that_asked_and_those_of_others() -> None:
    marta, bob = await make_account("marta"), await make_account("bob")
    mine, other, bobs = [await sessions.begin(account.id) for account in (marta, marta, bob)]
    kept = await sessions.find(mine, currency="USD")
    assert kept is not None

    await sessions.end_all(marta.id, but=kept.id)

    alive = [await sessions.find(token, currency="USD") is not None for token in (mine, other, bobs)]
    assert alive == [True, False, True]


async def test_sweep_deletes_sessions_a_day_after_their_end_unless_a_cart_hangs_from_one() -> None:
    old, with_cart, fresh = [await sessions.begin() for _session in range(3)]
    rows = {bytes(row["token_hash"]): row["id"] for row in await Session.select(Session.id, Session.token_hash)}
    await Cart(session=rows[hash_token(with_cart)], created_at=now(), updated_at=now()).save()
    await fetch(
        "UPDATE sessions SET expires_at = $1 WHERE token_hash <> $2", now() - timedelta(days=2), hash_token(fresh)
    )

    await sessions.sweep()

    left = {bytes(row["token_hash"]) for row in await Session.select(Session.token_hash)}
    assert left == {hash_token(with_cart), hash_token(fresh)}
    assert hash_token(old) not in left
