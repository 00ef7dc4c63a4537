"""Rows for tests, with sensible values for all that a test does not care about."""

from itertools import count
from typing import Any

from domain.accounts import hash_password
from domain.clock import now
from domain.money import UNIT
from models.accounts import Account, Credential, CredentialKind, StaffMember, StaffRole
from models.catalog import Category, Provider, ProviderService, Service, ServiceType
from models.checkout import Cart, CartState

_number = count(1)

PASSWORD = "copper lantern drifts north"


async def make_account(username: str = "", *, confirmed: bool = True, **values: Any) -> Account:
    username = username or f"customer{next(_number)}"
    email = f"{username}@example.com"
    account = Account(
        username=username,
        username_key=username.casefold(),
        email=email,
        email_key=email.casefold(),
        email_confirmed_at=now() if confirmed else None,
        adult_confirmed_at=now(),
        terms_version=1,
        policy_version=1,
        created_at=now(),
        **values,
    )
    await account.save()
    return account


async def make_customer(username: str = "marta", *, confirmed: bool = True, **values: Any) -> Account:
    """An account that can sign in with PASSWORD."""
    account = await make_account(username, confirmed=confirmed, **values)
    secret = await hash_password(PASSWORD)
    await Credential(account=account.id, kind=CredentialKind.PASSWORD, secret=secret, changed_at=now()).save()
    return account


async def make_staff(username: str = "", *, role: StaffRole = StaffRole.OWNER) -> Account:
    account = await make_account(username or f"staff{next(_number)}")
    await StaffMember(account=account.id, role=role, active=True, created_at=now()).save()
    return account


async def make_category(name: str = "", *, platform: str = "youtube") -> Category:
    number = next(_number)
    category = Category(name=name or f"Category {number}", platform=platform, position=number)
    await category.save()
    return category


async def make_service(name: str = "", *, type: ServiceType = ServiceType.DEFAULT, **values: Any) -> Service:  # noqa: A002
    """A service at 2.50 per 1,000, from 100 to 10,000."""
    number = next(_number)
    defaults: dict[str, Any] = {
        "category": values.pop("category", None) or (await make_category()).id,
        "name": name or f"Service {number}",
        "description": "Reach people who care.",
        "type": type,
        "rate": 250 * UNIT // 100,
        "min_quantity": 100,
        "max_quantity": 10_000,
        "position": number,
        "created_at": now(),
        "updated_at": now(),
    }
    service = Service(**defaults | values)
    await service.save()
    return service


async def make_provider(key: str = "sandbox", **values: Any) -> Provider:
    defaults: dict[str, Any] = {"name": "Sandbox provider", "currency": "USD", "markup_percent": 30}
    provider = Provider(key=key, **defaults | values)
    await provider.save()
    return provider


async def make_provider_service(provider: Provider, service: Service, external_id: str = "") -> ProviderService:
    row = ProviderService(
        provider=provider.id,
        service=service.id,
        external_id=external_id or str(1000 + next(_number)),
        cost=UNIT,
        synced_at=now(),
    )
    await row.save()
    return row


async def make_cart(account: Account) -> Cart:
    cart = Cart(account=account.id, state=CartState.ORDERED, created_at=now(), updated_at=now())
    await cart.save()
    return cart
