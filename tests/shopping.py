"""Shopping without pages: what tests of the checkout do before they begin."""

import re
from itertools import count
from typing import Any

from domain import catalog, checkout, wallet
from domain.catalog import ServiceView
from domain.checkout import CheckedLine, Review, SeenCart, Shopper, Typed
from domain.money import UNIT
from models.accounts import Account, Session
from models.catalog import Category, Service, ServiceType
from models.database import transaction
from settings import DEVELOPMENT
from tests.browser import Browser
from tests.factories import make_account, make_service

CURRENCY = "USD"
SECRET_KEY = DEVELOPMENT["SECRET_KEY"]
_number = count(1)


async def view_of(service: Service) -> ServiceView:
    """A service as the catalogue shows it."""
    category = await Category.objects().get(Category.id == service.category)
    assert category is not None
    return ServiceView(
        id=service.id,
        name=service.name,
        category_id=category.id,
        category_name=category.name,
        platform=category.platform,
        type=ServiceType(service.type),
        rate=service.rate,
        min_quantity=service.min_quantity,
        max_quantity=service.max_quantity,
        refill=service.refill,
        cancel=service.cancel,
        drip_feed=service.drip_feed,
        average_minutes=service.average_minutes,
        description=service.description,
    )


async def checked(service: Service, link: str = "", quantity: int = 1000) -> CheckedLine:
    """A line that the service accepts, for a link of its own."""
    typed = Typed(link=link or f"https://example.com/{next(_number)}", quantity=quantity, fields={})
    return checkout.check(await view_of(service), typed)


async def make_visitor() -> Shopper:
    session = Session(token_hash=f"token {next(_number)}".encode())
    await session.save()
    return Shopper(session.id, None)


def customer(account: Account) -> Shopper:
    return Shopper(0, account.id)


async def fill_cart(shopper: Shopper, lines: int = 1, *, rate: int = 2 * UNIT) -> list[Service]:
    """Put that many services into the cart, 1,000 of each at `rate` (10^-8)."""
    services = [await make_service(rate=rate) for _line in range(lines)]
    for service in services:
        await checkout.add_line(shopper, await checked(service))
    return services


async def seen_cart(shopper: Shopper) -> SeenCart:
    """What the checkout page would send back."""
    seen = (await review_of(shopper)).seen
    assert seen is not None
    return seen


async def review_of(shopper: Shopper) -> Review:
    balance = 0 if shopper.account_id is None else await wallet.balance(shopper.account_id, currency=CURRENCY)
    return await checkout.review(shopper, balance=balance)


async def fund(account: Account, amount: int) -> None:
    """Put `amount` (10^-8) into the wallet."""
    cause = f"gift:{next(_number)}"
    async with transaction():
        await wallet.top_up(
            account.id, amount=amount, processor="cardlink", cause=cause, reference="", currency=CURRENCY
        )


async def on_sale(**values: Any) -> Service:
    """A service that the catalogue in memory knows."""
    service = await make_service(**values)
    await catalog.load()
    return service


async def signed_in(browser: Browser, *, balance: int = 0, confirmed: bool = True) -> Account:
    """The browser's customer, with `balance` (10^-8) in the wallet."""
    account = await make_account(confirmed=confirmed)
    if balance:
        await fund(account, balance)
    await browser.sign_in(account.id)
    return account


def typed(service: Service, link: str = "example.com/page", **fields: str) -> dict[str, str]:
    """What an order form sends."""
    return {"service": str(service.id), "link": link, "quantity": "1000", **fields}


async def hidden_fields(browser: Browser) -> dict[str, str]:
    """What the form of the checkout page sends."""
    text = (await browser.get("/checkout")).text
    return dict(re.findall(r'<input type="hidden" name="(cart|revision|missing)" value="(\d+)">', text))
