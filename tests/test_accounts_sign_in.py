"""Signing in and out: by either name, with a new session, and with nothing to learn from a refusal."""

import re
from datetime import timedelta

import pytest

from domain.accounts import hash_password, passwords
from domain.clock import now
from models.accounts import Account, Credential, CredentialKind, Session, Throttle
from models.checkout import Cart, CartLine
from models.database import fetch
from routes.cookies import DEVELOPMENT_NAME
from tests.browser import Browser
from tests.factories import PASSWORD, make_account, make_customer, make_service

WRONG = "The username, mail address or password is wrong."


@pytest.mark.parametrize("identifier", ["marta", "MARTA", " marta ", "marta@example.com", "Marta@Example.COM"])
async def test_sign_in_takes_the_username_or_the_mail_address(browser: Browser, identifier: str) -> None:
    account = await make_customer()

    answer = await browser.submit("/sign-in", {"identifier": identifier, "password": PASSWORD})

    assert (answer.status_code, answer.headers["location"]) == (303, "/services")
    assert 'class="menu-who' in (await browser.get("/")).text
    await account.refresh()
    assert now() - account.last_signed_in_at < timedelta(minutes=1)


async def test_sign_in_cookie_is_for_the_server_alone_and_lasts_30_days(browser: Browser) -> None:
    await make_customer()

    answer = await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    parts = {part.strip().casefold() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=2592000"} <= parts


@pytest.mark.parametrize("identifier", ["marta", "marta@example.com", "nobody", "nobody@example.com", "", "x" * 5_000])
async def test_sign_in_refuses_every_wrong_pair_with_the_same_words(browser: Browser, identifier: str) -> None:
    await make_customer()

    answer = await browser.submit("/sign-in", {"identifier": identifier, "password": "not the password"})

    assert answer.status_code == 422
    assert answer.text.count(WRONG) == 1
    assert "set-cookie" not in answer.headers
    assert "not the password" not in answer.text


async def test_sign_in_does_the_same_work_for_an_unknown_name(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_customer()
    verified: list[str] = []
    matches = passwords._matches

    def count(secret: str, password: bytes) -> bool:
        verified.append(secret.rpartition("$")[0].rpartition("$")[0])
        return matches(secret, password)

    monkeypatch.setattr(passwords, "_matches", count)
    await browser.submit("/sign-in", {"identifier": "marta", "password": "wrong"})
    await browser.submit("/sign-in", {"identifier": "nobody", "password": "wrong"})

    assert verified == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


async def test_sign_in_does_not_tell_whether_a_claimed_address_has_an_owner(browser: Browser) -> None:
    """Else signing up with an address and then signing in with it would tell."""
    owner = await make_customer("owner")
    for name, email in (("first", owner.email), ("second", "nobody@example.com")):
        claimant = await make_customer(name, confirmed=False)
        await Account.update({Account.email: email, Account.email_key: email}).where(Account.id == claimant.id)
        await Credential.update({Credential.secret: await hash_password("a b c d e f g")}).where(
            Credential.account == claimant.id
        )

        answer = await browser.submit("/sign-in", {"identifier": email, "password": "a b c d e f g"})

        assert answer.status_code == 422
        assert WRONG in answer.text


async def test_sign_in_does_not_know_a_closed_account(browser: Browser) -> None:
    await make_customer(state="closed")

    answer = await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    assert answer.status_code == 422
    assert WRONG in answer.text


async def test_sign_in_renews_the_token_and_the_old_one_opens_nothing(browser: Browser) -> None:
    await make_customer()
    await browser.submit("/appearance", {"theme": "dark"})
    planted = browser.cookies[DEVELOPMENT_NAME]

    await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    assert browser.cookies[DEVELOPMENT_NAME] != planted
    assert 'data-theme="dark"' in (await browser.get("/account")).text
    browser.cookies.set(DEVELOPMENT_NAME, planted, domain="shop.test", path="/")
    assert (await browser.get("/account")).headers["location"] == "/sign-in?next=%2Faccount"


async def test_sign_in_brings_the_cart_of_the_visitor_along(browser: Browser) -> None:
    account = await make_customer()
    await browser.submit("/appearance", {"theme": "dark"})
    [session] = await Session.select(Session.id)
    cart = Cart(session=session["id"], created_at=now(), updated_at=now())
    await cart.save()
    line = CartLine(
        cart=cart.id, service=(await make_service()).id, link="https://example.com/a", quantity=100, added_at=now()
    )
    await line.save()

    await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    [row] = await fetch("SELECT c.account, c.state FROM cart_lines l JOIN carts c ON c.id = l.cart")
    assert (row["account"], row["state"]) == (account.id, "open")


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/checkout", "/checkout"),
        ("/services?q=reach&page=2", "/services?q=reach&page=2"),
        ("", "/services"),
        ("checkout", "/services"),
        ("//evil.example", "/services"),
        ("///evil.example", "/services"),
        ("/\\evil.example", "/services"),
        ("\\\\evil.example", "/services"),
        ("/\t/evil.example", "/services"),
        ("/\n/evil.example", "/services"),
        ("/ /evil.example", "/services"),
        ("https://evil.example", "/services"),
        ("javascript:alert(1)", "/services"),
        ("@evil.example", "/services"),
    ],
)
async def test_sign_in_goes_on_within_the_shop_only(browser: Browser, wanted: str, reached: str) -> None:
    await make_customer()

    answer = await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD, "next": wanted})

    assert (answer.status_code, answer.headers["location"]) == (303, reached)


async def test_sign_in_page_keeps_an_own_path_and_drops_another_site(browser: Browser) -> None:
    own = await browser.get("/sign-in", params={"next": "/checkout"})
    other = await browser.get("/sign-in", params={"next": "//evil.example"})

    assert 'name="next" value="/checkout"' in own.text
    assert "/sign-up?next=/checkout" in own.text
    assert "evil.example" not in other.text


async def test_sign_in_makes_a_guesser_wait_before_any_hashing(browser: Browser) -> None:
    await make_customer()
    for _try in range(5):
        await browser.submit("/sign-in", {"identifier": "marta", "password": "wrong"})

    answer = await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    assert answer.status_code == 429
    assert answer.headers["retry-after"] in {"1", "2"}
    assert "That was tried too often." in answer.text
    assert 'value="marta"' in answer.text


async def test_sign_in_makes_nobody_else_wait_for_a_guesser(browser: Browser) -> None:
    await make_customer("marta")
    await make_customer("bob")
    for _try in range(5):
        await browser.submit("/sign-in", {"identifier": "marta", "password": "wrong"})

    answer = await browser.submit("/sign-in", {"identifier": "bob", "password": PASSWORD})

    assert answer.status_code == 303


async def test_sign_in_begins_to_count_again_after_a_success(browser: Browser) -> None:
    await make_customer()
    for _try in range(4):
        await browser.submit("/sign-in", {"identifier": "marta", "password": "wrong"})

    await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    counts = {row["key"].partition(":")[0]: row["attempts"] for row in await Throttle.select()}
    assert counts == {"sign_in_address": 4, "sign_in_account": 4}


async def test_sign_in_keeps_neither_names_nor_addresses_of_those_who_try(browser: Browser) -> None:
    await browser.submit("/sign-in", {"identifier": "marta", "password": "wrong"})

    keys = sorted(row["key"] for row in await Throttle.select(Throttle.key))
    assert [re.sub(r"[0-9a-f]{64}$", "*", key) for key in keys] == [
        "sign_in_account:*", "sign_in_address:*", "sign_in_pair:*",
    ]  # fmt: skip


async def test_sign_in_says_when_too_many_sign_in_at_once(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords._desk, "seats", 0)

    answer = await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Many people are signing in right now." in answer.text


async def test_sign_in_renews_a_hash_with_weaker_parameters(browser: Browser) -> None:
    from argon2 import PasswordHasher

    account = await make_account("marta")
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await Credential(account=account.id, kind=CredentialKind.PASSWORD, secret=weak, changed_at=now()).save()

    await browser.submit("/sign-in", {"identifier": "marta", "password": PASSWORD})

    [credential] = await Credential.select(Credential.secret)
    assert credential["secret"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(credential["secret"], PASSWORD)


async def test_sign_in_needs_the_token_where_no_browser_vouches_for_the_page(browser: Browser) -> None:
    await make_customer()
    await browser.submit("/appearance", {"theme": "dark"})

    form = {"identifier": "marta", "password": PASSWORD}
    answer = await browser.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "none"})

    assert answer.status_code == 403


async def test_sign_out_ends_the_session_on_the_server_too(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)
    token = browser.cookies[DEVELOPMENT_NAME]

    answer = await browser.submit("/sign-out")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert DEVELOPMENT_NAME not in browser.cookies
    assert answer.headers["clear-site-data"] == '"cache"'
    browser.cookies.set(DEVELOPMENT_NAME, token, domain="shop.test", path="/")
    assert (await browser.get("/account")).status_code == 303


async def test_sign_out_needs_the_token_of_the_session(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    assert (await browser.post("/sign-out")).status_code == 403
    assert (await browser.get("/account")).status_code == 200


async def test_sign_out_is_no_link(browser: Browser) -> None:
    assert (await browser.get("/sign-out")).status_code == 405
