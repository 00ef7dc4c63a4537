"""A forgotten password: a letter to the address on file, a link that works once, and no word about who exists."""

import asyncio
import json
from datetime import timedelta

import pytest

from domain.accounts import passwords, reset, throttle
from domain.accounts.reset import fingerprint
from domain.accounts.tokens import Purpose, sign
from models.accounts import Account, Credential
from models.database import fetch
from models.notices import MailMessage
from routes.cookies import DEVELOPMENT_NAME
from settings import DEVELOPMENT
from tests.browser import Browser
from tests.factories import PASSWORD, make_customer

NEW = "velvet harbour counts seven"
KEY = DEVELOPMENT["SECRET_KEY"]


async def secret_of(account: Account) -> str:
    [row] = await Credential.select(Credential.secret).where(Credential.account == account.id)
    return str(row["secret"])


async def token_for(account: Account) -> str:
    return sign(Purpose.RESET_PASSWORD, account.id, fingerprint(await secret_of(account)), secret_key=KEY)


@pytest.mark.parametrize("identifier", ["marta", "MARTA@example.com"])
async def test_reset_writes_to_the_address_on_file(browser: Browser, identifier: str) -> None:
    await make_customer("marta")

    answer = await browser.submit("/password", {"identifier": identifier})

    assert (answer.status_code, answer.headers["location"]) == (303, "/password/sent")
    [row] = await fetch("SELECT letter, to_address, context FROM mail_messages")
    assert (row["letter"], row["to_address"]) == ("reset_password", "marta@example.com")
    link = f"/password/{json.loads(row['context'])['token']}"
    assert (await browser.get(link)).status_code == 200


async def test_reset_answers_an_unknown_name_just_the_same_and_as_late(browser: Browser) -> None:
    await make_customer("marta")
    clock = asyncio.get_running_loop()
    answers = []
    for identifier in ("marta", "nobody", "nobody@example.com", ""):
        begun = clock.time()
        answer = await browser.submit("/password", {"identifier": identifier})
        assert clock.time() - begun >= reset.ANSWER_AFTER
        answers.append((answer.status_code, answer.headers["location"], answer.content))

    assert len(set(answers)) == 1
    assert await MailMessage.count() == 1


async def test_reset_is_throttled_alike_for_known_and_unknown_names(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reset, "LETTERS_OF_ACCOUNT", throttle.Limit(free=1, first=60, longest=60))
    monkeypatch.setattr(reset, "ANSWER_AFTER", 0)
    await make_customer("marta")
    for identifier in ("marta", "nobody"):
        await browser.submit("/password", {"identifier": identifier})

        answer = await browser.submit("/password", {"identifier": identifier})

        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        assert f'value="{identifier}"' in answer.text
    assert await MailMessage.count() == 1


async def test_reset_replaces_the_password_and_ends_every_session(browser: Browser) -> None:
    account = await make_customer("marta")
    await browser.sign_in(account.id)
    session = browser.cookies[DEVELOPMENT_NAME]

    answer = await browser.submit(f"/password/{await token_for(account)}", {"password": NEW})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?done=password")
    assert await passwords.verify(await secret_of(account), NEW)
    assert not await passwords.verify(await secret_of(account), PASSWORD)
    browser.cookies.set(DEVELOPMENT_NAME, session, domain="shop.test", path="/")
    assert (await browser.get("/account")).status_code == 303


async def test_reset_link_works_once(browser: Browser) -> None:
    account = await make_customer("marta")
    token = await token_for(account)
    assert (await browser.get(f"/password/{token}")).status_code == 200
    await browser.submit(f"/password/{token}", {"password": NEW})

    again = await browser.submit(f"/password/{token}", {"password": "another quiet morning walk"})

    assert again.status_code == 404
    assert "This link does not work any more." in again.text
    assert 'href="/password"' in again.text
    assert (await browser.get(f"/password/{token}")).status_code == 404
    assert await passwords.verify(await secret_of(account), NEW)


async def test_reset_link_dies_of_age(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await make_customer("marta")
    token = await token_for(account)
    monkeypatch.setattr(reset, "LIFETIME", timedelta(seconds=-1))

    assert (await browser.get(f"/password/{token}")).status_code == 404
    assert (await browser.submit(f"/password/{token}", {"password": NEW})).status_code == 404


async def test_reset_link_cannot_be_made_or_changed_by_others(browser: Browser) -> None:
    marta, other = await make_customer("marta"), await make_customer("other")
    print_ = fingerprint(await secret_of(marta))
    forged = (
        (await token_for(marta))[:-2] + "xx",
        sign(Purpose.RESET_PASSWORD, marta.id, print_, secret_key="another key"),
        sign(Purpose.CONFIRM_ADDRESS, marta.id, print_, secret_key=KEY),
        sign(Purpose.RESET_PASSWORD, other.id, print_, secret_key=KEY),
    )
    for token in forged:
        assert (await browser.submit(f"/password/{token}", {"password": NEW})).status_code == 404
    assert await passwords.verify(await secret_of(marta), PASSWORD)


async def test_reset_gives_advice_on_a_weak_password_and_keeps_the_link(browser: Browser) -> None:
    account = await make_customer("marta")
    token = await token_for(account)

    answer = await browser.submit(f"/password/{token}", {"password": "marta@example.com"})

    assert answer.status_code == 422
    assert "This is too close to your username, your mail address" in answer.text
    assert (await browser.get(f"/password/{token}")).status_code == 200


async def test_reset_keeps_the_sessions_of_other_accounts(browser: Browser) -> None:
    await browser.sign_in((await make_customer("other")).id)

    await browser.submit(f"/password/{await token_for(await make_customer('marta'))}", {"password": NEW})

    assert (await browser.get("/account")).status_code == 200
