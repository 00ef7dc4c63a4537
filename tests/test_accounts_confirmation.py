"""Confirming a mail address: by a button behind a link, once, by whoever reads the letters."""

import json
from datetime import timedelta

import pytest

from domain.accounts import confirmation, throttle
from domain.accounts.tokens import Purpose, sign
from models.accounts import Account
from models.database import fetch
from models.notices import MailMessage
from settings import DEVELOPMENT
from tests.browser import Browser
from tests.factories import make_account, make_customer

KEY = DEVELOPMENT["SECRET_KEY"]


def token_for(account: Account, *, secret_key: str = KEY) -> str:
    return sign(Purpose.CONFIRM_ADDRESS, account.id, account.email, secret_key=secret_key)


async def is_confirmed(account: Account) -> bool:
    await account.refresh()
    return account.email_confirmed_at is not None


async def test_confirmation_link_shows_a_button_and_changes_nothing(browser: Browser) -> None:
    account = await make_account("marta", confirmed=False)

    answer = await browser.get(f"/confirm/{token_for(account)}")

    assert answer.status_code == 200
    assert "Is <b>marta@example.com</b> your address, and <b>marta</b> your account?" in answer.text
    assert not await is_confirmed(account)


async def test_confirmation_confirms_the_address_of_somebody_signed_out(browser: Browser) -> None:
    account = await make_account("marta", confirmed=False)

    answer = await browser.submit(f"/confirm/{token_for(account)}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?done=address")
    assert await is_confirmed(account)
    assert "Your mail address is confirmed." in (await browser.get("/sign-in?done=address")).text


async def test_confirmation_says_to_its_account_what_comes_next(browser: Browser) -> None:
    account = await make_account("marta", confirmed=False)
    await browser.sign_in(account.id)

    answer = await browser.submit(f"/confirm/{token_for(account)}")

    assert answer.headers["location"] == "/account/confirmation"
    page = await browser.get("/account/confirmation")
    assert "Your address is confirmed" in page.text
    assert 'href="/services">Browse services' in page.text


async def test_confirmation_twice_is_no_mistake_and_keeps_the_first_time(browser: Browser) -> None:
    account = await make_account("marta", confirmed=False)
    await browser.submit(f"/confirm/{token_for(account)}")
    await account.refresh()
    first = account.email_confirmed_at

    answer = await browser.submit(f"/confirm/{token_for(account)}")

    await account.refresh()
    assert (answer.status_code, account.email_confirmed_at) == (303, first)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_confirmation_with_a_changed_token_is_a_dead_link(browser: Browser, method: str) -> None:
    account = await make_account("marta", confirmed=False)
    for token in (token_for(account)[:-2] + "xx", token_for(account, secret_key="another key"), "nonsense", "\u00e9"):
        answer = await browser.request(method, f"/confirm/{token}")

        assert answer.status_code == 404
        assert "This link does not work any more." in answer.text
        assert 'href="/account/confirmation"' in answer.text
    assert not await is_confirmed(account)


async def test_confirmation_is_not_open_to_a_token_for_another_purpose(browser: Browser) -> None:
    account = await make_account("marta", confirmed=False)
    token = sign(Purpose.RESET_PASSWORD, account.id, account.email, secret_key=KEY)

    assert (await browser.submit(f"/confirm/{token}")).status_code == 404
    assert not await is_confirmed(account)


async def test_confirmation_link_dies_of_age(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await make_account("marta", confirmed=False)
    monkeypatch.setattr(confirmation, "LIFETIME", timedelta(seconds=-1))

    assert (await browser.submit(f"/confirm/{token_for(account)}")).status_code == 404
    assert not await is_confirmed(account)


async def test_confirmation_link_dies_with_its_address(browser: Browser) -> None:
    account = await make_account("marta", confirmed=False)
    token = token_for(account)
    await Account.update({Account.email: "new@example.com"}).where(Account.id == account.id)

    assert (await browser.submit(f"/confirm/{token}")).status_code == 404


async def test_confirmation_gives_an_address_to_one_account_only(browser: Browser) -> None:
    first = await make_account("marta", confirmed=False)
    second = await make_account("other", confirmed=False)
    await Account.update({Account.email: first.email, Account.email_key: first.email_key}).where(
        Account.id == second.id
    )
    await second.refresh()
    await browser.submit(f"/confirm/{token_for(first)}")

    answer = await browser.submit(f"/confirm/{token_for(second)}")

    assert answer.status_code == 409
    assert "This mail address belongs to another account." in answer.text
    assert (await is_confirmed(first), await is_confirmed(second)) == (True, False)


async def test_confirmation_letter_is_written_again_with_a_link_that_works(browser: Browser) -> None:
    account = await make_customer("marta", confirmed=False)
    await browser.sign_in(account.id)

    answer = await browser.submit("/account/confirmation")

    assert answer.headers["location"] == "/account/confirmation?sent=again"
    assert "The letter is on its way again" in (await browser.get(answer.headers["location"])).text
    [row] = await fetch("SELECT letter, context FROM mail_messages")
    assert row["letter"] == "confirm_address"
    await browser.submit(f"/confirm/{json.loads(row['context'])['token']}")
    assert await is_confirmed(account)


async def test_confirmation_letter_is_throttled(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirmation, "LETTERS_OF_ACCOUNT", throttle.Limit(free=1, first=60, longest=60))
    await browser.sign_in((await make_customer("marta", confirmed=False)).id)
    await browser.submit("/account/confirmation")

    answer = await browser.submit("/account/confirmation")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "Try again in 60 seconds." in answer.text
    assert await MailMessage.count() == 1


async def test_confirmation_letter_is_refused_once_the_address_is_confirmed(browser: Browser) -> None:
    await browser.sign_in((await make_customer("marta")).id)

    assert (await browser.submit("/account/confirmation")).status_code == 409
    assert "Send the letter again" not in (await browser.get("/account/confirmation")).text
    assert await MailMessage.count() == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_confirmation_sends_a_signed_out_visitor_to_sign_in(browser: Browser, method: str) -> None:
    answer = await browser.request(method, "/account/confirmation")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
