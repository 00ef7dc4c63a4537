"""Signing up: an account at once, an address that has to be confirmed, and no word about who exists."""

import json
import re
from typing import Any

import pytest

from domain.accounts import throttle
from domain.policies import PRIVACY, TERMS
from models.accounts import Account, Credential, Session, Throttle
from models.database import fetch
from routes.cookies import DEVELOPMENT_NAME
from tests.browser import Browser
from tests.factories import PASSWORD, make_account

GOOD = {
    "username": "Marta.K",
    "email": "Marta@Example.com",
    "password": PASSWORD,
    "adult": "yes",
    "policies": "yes",
}


async def letters() -> list[tuple[str, str, dict[str, Any]]]:
    rows = await fetch("SELECT letter, to_address, context FROM mail_messages ORDER BY id")
    return [(row["letter"], row["to_address"], json.loads(row["context"])) for row in rows]


async def test_sign_up_opens_an_account_and_signs_its_visitor_in(browser: Browser) -> None:
    answer = await browser.submit("/sign-up", GOOD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/confirmation")
    assert "Marta.K" in (await browser.get("/account")).text
    assert await Account.select(Account.username_key, Account.email_key, Account.email_confirmed_at) == [
        {"username_key": "marta.k", "email_key": "marta@example.com", "email_confirmed_at": None}
    ]


async def test_sign_up_keeps_what_was_accepted_and_when(browser: Browser) -> None:
    await browser.submit("/sign-up", GOOD)

    account = await Account.objects().first()
    assert account is not None
    assert (account.terms_version, account.policy_version) == (TERMS.version, PRIVACY.version)
    assert account.adult_confirmed_at == account.created_at
    assert account.marketing_since is None


async def test_sign_up_with_the_marketing_box_ticked_keeps_the_time(browser: Browser) -> None:
    await browser.submit("/sign-up", GOOD | {"marketing": "yes"})

    account = await Account.objects().first()
    assert account is not None
    assert account.marketing_since == account.created_at


async def test_sign_up_stores_the_password_as_argon2id(browser: Browser) -> None:
    await browser.submit("/sign-up", GOOD)

    credential = await Credential.objects().first()
    assert credential is not None
    assert credential.secret.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in credential.secret


async def test_sign_up_writes_to_the_address_and_the_page_says_so(browser: Browser) -> None:
    await browser.submit("/sign-up", GOOD)

    page = await browser.get("/account/confirmation")
    [(letter, to_address, context)] = await letters()
    assert (letter, to_address, context["username"]) == ("confirm_address", "Marta@example.com", "Marta.K")
    assert "We wrote to <b>Marta@example.com</b>" in page.text
    assert "Send the letter again" in page.text


async def test_sign_up_says_everything_that_is_wrong_at_once_and_loses_nothing(browser: Browser) -> None:
    answer = await browser.submit(
        "/sign-up", {"username": "a b", "email": "nobody", "password": "short", "next": "/cart"}
    )

    assert answer.status_code == 422
    assert re.findall(r'<a href="#field-(\w+)"', answer.text) == ["username", "email", "password", "adult", "policies"]
    assert 'value="a b"' in answer.text
    assert 'value="nobody"' in answer.text
    assert 'name="next" value="/cart"' in answer.text
    assert "short" not in answer.text
    assert await Account.count() == 0


async def test_sign_up_leaves_the_marketing_box_unticked(browser: Browser) -> None:
    page = await browser.get("/sign-up")

    assert "checked" not in page.text


async def test_sign_up_says_that_a_username_is_taken(browser: Browser) -> None:
    await make_account("marta.k")

    answer = await browser.submit("/sign-up", GOOD)

    assert answer.status_code == 422
    assert "This username is taken." in answer.text
    assert await Account.count() == 1


async def test_sign_up_answers_the_same_for_an_address_that_another_account_confirmed(browser: Browser) -> None:
    owner = await make_account("owner")

    answer = await browser.submit("/sign-up", GOOD | {"email": "OWNER@example.com"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/confirmation")
    assert DEVELOPMENT_NAME in answer.cookies
    assert "We wrote to <b>OWNER@example.com</b>" in (await browser.get("/account/confirmation")).text
    assert await letters() == [("already_registered", "OWNER@example.com", {"username": "owner"})]
    assert await Account.select(Account.email_confirmed_at).where(Account.username == "Marta.K") == [
        {"email_confirmed_at": None}
    ]
    await owner.refresh()
    assert owner.email == "owner@example.com"


async def test_sign_up_ends_the_session_that_the_visitor_brought(browser: Browser) -> None:
    await browser.submit("/appearance", {"theme": "dark"})
    planted = browser.cookies[DEVELOPMENT_NAME]

    await browser.submit("/sign-up", GOOD)

    assert browser.cookies[DEVELOPMENT_NAME] != planted
    assert 'data-theme="dark"' in (await browser.get("/")).text
    browser.cookies.set(DEVELOPMENT_NAME, planted, domain="shop.test", path="/")
    assert (await browser.get("/account")).status_code == 303


async def test_sign_up_goes_on_to_where_the_visitor_wanted_to_go(browser: Browser) -> None:
    answer = await browser.submit("/sign-up", GOOD | {"next": "/checkout?step=2"})

    assert answer.headers["location"] == "/account/confirmation?next=/checkout%3Fstep%3D2"
    assert 'href="/checkout?step=2"' in (await browser.get(answer.headers["location"])).text


async def test_sign_up_page_sends_somebody_signed_in_to_their_account(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    answer = await browser.get("/sign-up")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


async def test_sign_up_is_throttled_by_network_address(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from domain.accounts import registration

    monkeypatch.setattr(registration, "SIGN_UPS_OF_ADDRESS", throttle.Limit(free=1, first=30, longest=30))
    await browser.submit("/sign-up", {})

    answer = await browser.submit("/sign-up", GOOD)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "Try again in 30 seconds." in answer.text
    assert 'value="Marta.K"' in answer.text
    assert await Account.count() == 0


async def test_sign_up_keeps_no_network_address(browser: Browser) -> None:
    await browser.submit("/sign-up", GOOD)

    [row] = await Throttle.select(Throttle.key)
    assert re.fullmatch(r"sign_up:[0-9a-f]{64}", row["key"])


async def test_sign_up_needs_the_token_where_no_browser_vouches_for_the_page(browser: Browser) -> None:
    await browser.submit("/appearance", {"theme": "dark"})

    answer = await browser.post("/sign-up", data=GOOD, headers={"Sec-Fetch-Site": "none"})

    assert answer.status_code == 403
    assert await Account.count() == 0
    assert await Session.count() == 1
