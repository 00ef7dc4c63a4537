import dataclasses

import pytest

import seeds
import settings as environment
from domain import wallet
from domain.accounts.passwords import find_weakness, verify
from domain.errors import NotFound
from models.accounts import Account, Credential, StaffMember
from models.catalog import Provider
from settings import Settings
from tests.browser import Browser
from tests.factories import make_account


async def find(demo: seeds.Demo) -> Account:
    account = await Account.objects().get(Account.username == demo.username)
    assert account is not None
    return account


async def test_plant_opens_a_customer_with_a_small_balance_and_an_owner() -> None:
    await seeds.plant()

    customer, owner = await find(seeds.CUSTOMER), await find(seeds.OWNER)
    assert await wallet.balance(customer.id, currency="USD") == seeds.STARTING_BALANCE
    assert customer.email_confirmed_at is not None
    assert await StaffMember.select(StaffMember.account, StaffMember.role) == [{"account": owner.id, "role": "owner"}]
    assert await wallet.check_ledger() == []


async def test_plant_stores_only_hashes_of_passwords_that_sign_in() -> None:
    await seeds.plant()

    for demo in (seeds.CUSTOMER, seeds.OWNER):
        account = await find(demo)
        credential = await Credential.objects().get(Credential.account == account.id)
        assert credential is not None
        assert credential.secret.startswith("$argon2id$")
        assert await verify(credential.secret, demo.password)
        assert await find_weakness(demo.password, about=(demo.username, demo.email)) == ""


async def test_plant_twice_changes_nothing() -> None:
    await seeds.plant()
    before = await Account.select().order_by(Account.id), await Provider.select()

    await seeds.plant()

    assert (await Account.select().order_by(Account.id), await Provider.select()) == before
    assert await wallet.balance((await find(seeds.CUSTOMER)).id, currency="USD") == seeds.STARTING_BALANCE


async def test_plant_names_the_provider_that_the_settings_know() -> None:
    await seeds.plant()

    assert await Provider.select(Provider.key, Provider.active) == [{"key": "sandbox", "active": True}]


async def test_plant_is_refused_in_production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "current", lambda: dataclasses.replace(settings, production=True))

    with pytest.raises(seeds.NotForProduction):
        await seeds.plant()

    assert await Account.count() == 0


def test_sign_ins_name_each_account_with_its_password() -> None:
    lines = seeds.sign_ins()

    assert [line.split()[-2:] for line in lines] == [
        [seeds.CUSTOMER.username, seeds.CUSTOMER.password],
        [seeds.OWNER.username, seeds.OWNER.password],
    ]


async def test_planted_owner_reaches_the_staff_section(browser: Browser) -> None:
    await seeds.plant()
    await browser.sign_in((await find(seeds.OWNER)).id)

    assert (await browser.get("/staff")).status_code == 200


async def test_an_account_of_the_shop_is_appointed_owner_and_comes_back_after_leaving(browser: Browser) -> None:
    account = await make_account("Nadia")

    await seeds.appoint_owner("nadia")
    await StaffMember.update({StaffMember.active: False}).where(StaffMember.account == account.id)
    await seeds.appoint_owner("Nadia")

    await browser.sign_in(account.id)
    assert (await browser.get("/staff")).status_code == 200
    assert await StaffMember.count().where(StaffMember.account == account.id) == 1


async def test_nobody_unknown_becomes_an_owner() -> None:
    with pytest.raises(NotFound):
        await seeds.appoint_owner("nobody")
