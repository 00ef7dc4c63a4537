"""`make seed`: demo accounts and the sandbox's provider; `python seeds.py owner NAME`: a real shop's first owner."""

import asyncio
import sys
from dataclasses import dataclass

import settings
from domain import wallet
from domain.accounts import hash_password
from domain.clock import now
from domain.dispatch import price_lists
from domain.errors import NotFound
from domain.money import UNIT
from domain.policies import PRIVACY, TERMS
from domain.staff import members
from models.accounts import Account, Credential, CredentialKind, StaffMember, StaffRole
from models.database import pool, transaction

STARTING_BALANCE = 5 * UNIT  # less than two usual orders, so that the first checkout has something missing
PROVIDER = "sandbox"


@dataclass(frozen=True, slots=True)
class Demo:
    """An account whose password everybody knows."""

    username: str
    password: str

    @property
    def email(self) -> str:
        return f"{self.username}@upfront.example"


CUSTOMER = Demo("marta", "seven-quiet-paper-boats")
OWNER = Demo("owner", "keeps-a-tidy-brass-ledger")


class NotForProduction(Exception):
    """A real shop has no account whose password is published."""


async def plant() -> None:
    """Put in what is missing, and leave what is there as it is.

    Raises NotForProduction.
    """
    configuration = settings.current()
    if configuration.production:
        raise NotForProduction("Demo accounts have published passwords, so they are refused in production.")
    async with pool():
        await price_lists.register(
            PROVIDER,
            name="Sandbox provider",
            currency=configuration.currency,
            markup_percent=configuration.markup_percent,
        )
        await _plant_customer(configuration.currency)
        await _plant_owner()


def sign_ins() -> list[str]:
    """What to tell whoever wants to try the shop."""
    return [
        f"{'Sign in as customer':<22}{CUSTOMER.username}  {CUSTOMER.password}",
        f"{'Sign in as staff':<22}{OWNER.username}  {OWNER.password}",
    ]


async def _plant_customer(currency: str) -> None:
    async with transaction():
        account_id = await _plant_account(CUSTOMER)
        if account_id is not None:
            await wallet.adjust(
                account_id,
                amount=STARTING_BALANCE,
                cause=f"seed:{account_id}:starting_balance",
                reference="demo starting balance",
                currency=currency,
            )


async def _plant_owner() -> None:
    async with transaction():
        account_id = await _plant_account(OWNER)
        if account_id is not None:
            await StaffMember(account=account_id, role=StaffRole.OWNER, active=True, created_at=now()).save()


async def _plant_account(demo: Demo) -> int | None:
    """Open a confirmed account and return its id; None when it is there already."""
    if await Account.exists().where(Account.username_key == demo.username):
        return None
    moment = now()
    account = Account(
        username=demo.username,
        username_key=demo.username,
        email=demo.email,
        email_key=demo.email,
        email_confirmed_at=moment,
        adult_confirmed_at=moment,
        terms_version=TERMS.version,
        policy_version=PRIVACY.version,
        created_at=moment,
    )
    await account.save()
    secret = await hash_password(demo.password)
    await Credential(account=account.id, kind=CredentialKind.PASSWORD, secret=secret, changed_at=moment).save()
    return int(account.id)


async def appoint_owner(username: str) -> None:
    """Make an account that signed up in the shop its owner. Raises NotFound."""
    async with pool():
        await members.appoint(username, role=StaffRole.OWNER)


def main(arguments: list[str]) -> str:
    """Do what was asked for and say what came of it. Raises NotForProduction and NotFound."""
    match arguments:
        case []:
            asyncio.run(plant())
            return "\n".join(sign_ins())
        case ["owner", username]:
            asyncio.run(appoint_owner(username))
            return f"{username} is an owner now."
        case _:
            return "Usage: python seeds.py [owner USERNAME]"


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (NotForProduction, NotFound) as refusal:
        sys.exit(str(refusal))
