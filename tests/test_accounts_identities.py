"""Identities: which account a username or mail address means."""

import pytest

from domain.accounts.identities import USERNAME, find_identity, find_identity_of, key_of, parse_email
from models.accounts import Account
from tests.factories import make_customer


@pytest.mark.parametrize("username", ["abc", "Marta.K", "a-b_c", "0day", "x" * 30])
def test_username_may_be(username: str) -> None:
    assert USERNAME.fullmatch(username)


@pytest.mark.parametrize(
    "username", ["", "ab", "x" * 31, "a b", "a@b", ".abc", "-abc", "m\u00e4rta", "abc\n", "\u0430bc"]
)
def test_username_may_not_be(username: str) -> None:
    assert not USERNAME.fullmatch(username)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("marta@example.com", "marta@example.com"),
        ("Marta@EXAMPLE.com", "Marta@example.com"),
        ("marta@k\u00e4se.example.com", "marta@xn--kse-qla.example.com"),
        ("marta", None),
        ("marta@", None),
        ("m\u00e4rta@example.com", None),
        ("a@" + "x" * 250 + ".com", None),
        ("marta@example.com\r\nBcc: all@example.com", None),
    ],
)
def test_mail_address_is_kept_as_mail_travels(typed: str, address: str | None) -> None:
    assert parse_email(typed) == address


def test_key_is_the_same_for_every_spelling() -> None:
    assert key_of("Marta") == key_of("MARTA") == "marta"
    assert key_of("Marta@K\u00c4SE.example.com") == "marta@xn--kse-qla.example.com"


async def test_address_means_the_account_that_confirmed_it() -> None:
    owner = await make_customer("owner")
    claimant = await make_customer("claimant", confirmed=False)
    await Account.update({Account.email_key: owner.email_key}).where(Account.id == claimant.id)

    found = await find_identity("owner@example.com")

    assert found is not None
    assert found.id == owner.id


async def test_address_that_is_not_confirmed_means_nobody() -> None:
    await make_customer("claimant", confirmed=False)

    assert await find_identity("claimant@example.com") is None
    assert await find_identity("claimant") is not None


async def test_closed_account_is_not_found() -> None:
    account = await make_customer("gone", state="closed")

    assert (await find_identity("gone"), await find_identity_of(account.id)) == (None, None)


async def test_identity_does_not_print_its_hash() -> None:
    await make_customer("marta")

    assert "argon2" not in repr(await find_identity("marta"))
