"""The account's own page."""

from urllib.parse import urlencode

import pytest

from domain.accounts import passwords, reset, throttle
from models.accounts import Account, Credential
from routes.cookies import DEVELOPMENT_NAME
from tests.browser import Browser
from tests.factories import PASSWORD, make_account, make_customer

NEW = "velvet harbour counts seven"


@pytest.fixture
async def marta(browser: Browser) -> Account:
    account = await make_customer("marta")
    await browser.sign_in(account.id)
    return account


async def test_account_shows_who_you_are(browser: Browser, marta: Account) -> None:
    page = await browser.get("/account")

    assert page.status_code == 200
    assert page.text.count("marta@example.com") >= 2
    assert "Send the letter again" not in page.text


async def test_account_shows_only_your_own_page(browser: Browser, marta: Account) -> None:
    await make_account("charlie")

    assert "charlie" not in (await browser.get("/account")).text


async def test_account_offers_to_write_again_while_the_address_is_unconfirmed(browser: Browser) -> None:
    await browser.sign_in((await make_account("bob", confirmed=False)).id)

    page = await browser.get("/account")

    assert "Not yet" in page.text
    assert "Send the letter again" in page.text


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [("GET", "/account", "/account"), ("POST", "/account/password", "/"), ("POST", "/account/marketing", "/")],
)
async def test_account_sends_a_signed_out_visitor_to_sign_in(
    browser: Browser, method: str, path: str, wanted: str
) -> None:
    answer = await browser.request(method, path)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?{urlencode({'next': wanted})}")


@pytest.mark.parametrize("path", ["/account/password", "/account/marketing"])
async def test_account_is_changed_only_with_the_token_of_the_session(
    browser: Browser, marta: Account, path: str
) -> None:
    assert (await browser.post(path, data={"marketing": "yes"})).status_code == 403


async def test_password_change_ends_every_other_session(browser: Browser, marta: Account) -> None:
    kept = browser.cookies[DEVELOPMENT_NAME]
    await browser.sign_in(marta.id)
    other, mine = kept, browser.cookies[DEVELOPMENT_NAME]

    answer = await browser.submit("/account/password", {"current_password": PASSWORD, "password": NEW})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert browser.cookies[DEVELOPMENT_NAME] == mine
    assert "Your password is changed" in (await browser.get("/account?done=password")).text
    browser.cookies.set(DEVELOPMENT_NAME, other, domain="shop.test", path="/")
    assert (await browser.get("/account")).status_code == 303
    [row] = await Credential.select(Credential.secret)
    assert await passwords.verify(row["secret"], NEW)


async def test_password_change_needs_the_current_one(browser: Browser, marta: Account) -> None:
    answer = await browser.submit("/account/password", {"current_password": "wrong", "password": NEW})

    assert answer.status_code == 422
    assert "That is not your current password." in answer.text
    [row] = await Credential.select(Credential.secret)
    assert await passwords.verify(row["secret"], PASSWORD)


async def test_password_change_gives_advice_on_a_weak_one(browser: Browser, marta: Account) -> None:
    answer = await browser.submit("/account/password", {"current_password": PASSWORD, "password": "qwertyuiop"})

    assert answer.status_code == 422
    assert "one of the passwords that people use most" in answer.text


async def test_password_change_is_throttled(browser: Browser, marta: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "TRIES_OF_ACCOUNT", throttle.Limit(free=1, first=30, longest=30))
    await browser.submit("/account/password", {"current_password": "wrong", "password": NEW})

    answer = await browser.submit("/account/password", {"current_password": PASSWORD, "password": NEW})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


async def test_marketing_is_turned_on_and_off_with_one_box(browser: Browser, marta: Account) -> None:
    answer = await browser.submit("/account/marketing", {"marketing": "yes"})
    await marta.refresh()
    first = marta.marketing_since
    assert (answer.headers["location"], first is not None) == ("/account?done=marketing", True)
    assert "checked" in (await browser.get("/account")).text

    await browser.submit("/account/marketing", {"marketing": "yes"})
    await marta.refresh()
    assert marta.marketing_since == first

    await browser.submit("/account/marketing", {})
    await marta.refresh()
    assert marta.marketing_since is None


async def test_password_managers_are_sent_to_the_account_page(browser: Browser) -> None:
    answer = await browser.get("/.well-known/change-password")

    assert (answer.status_code, answer.headers["location"]) == (302, "/account#password")
