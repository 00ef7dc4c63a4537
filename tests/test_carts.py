import asyncio

import pytest

from domain import checkout
from domain.checkout import Shopper
from domain.checkout.lines import MAX_LINES
from domain.errors import Invalid, NotFound, Refused
from models.checkout import Cart, CartLine
from models.database import transaction
from tests.factories import make_account, make_service
from tests.shopping import checked, customer, fill_cart, make_visitor


async def links_of(shopper: Shopper) -> list[str]:
    return [line.link for line in (await checkout.review(shopper)).lines]


async def test_first_line_opens_a_cart_and_the_second_finds_it() -> None:
    visitor, service = await make_visitor(), await make_service()

    for link in ("https://example.com/a", "https://example.com/b"):
        await checkout.add_line(visitor, await checked(service, link))

    assert await Cart.select(Cart.session, Cart.account, Cart.state) == [
        {"session": visitor.session_id, "account": None, "state": "open"}
    ]
    assert await links_of(visitor) == ["https://example.com/a", "https://example.com/b"]


@pytest.mark.commits
async def test_two_tabs_that_add_at_once_share_one_cart() -> None:
    account = await make_account()
    lines = [await checked(await make_service()) for _tab in range(4)]

    await asyncio.gather(*(checkout.add_line(customer(account), line) for line in lines))

    assert await Cart.count() == 1
    assert len(await links_of(customer(account))) == 4


async def test_same_service_for_the_same_link_is_refused_in_any_spelling() -> None:
    shopper, service = customer(await make_account()), await make_service()
    await checkout.add_line(shopper, await checked(service, "https://www.example.com/a/"))

    with pytest.raises(Invalid) as caught:
        await checkout.add_line(shopper, await checked(service, "example.com/a?utm_source=b"))

    assert list(caught.value.errors) == ["link"]
    await checkout.add_line(shopper, await checked(await make_service(), "example.com/a"))
    assert len(await links_of(shopper)) == 2


async def test_cart_is_full_at_fifty_lines() -> None:
    shopper, service = customer(await make_account()), await make_service()
    for number in range(MAX_LINES):
        await checkout.add_line(shopper, await checked(service, f"example.com/{number}"))

    with pytest.raises(Refused, match="full"):
        await checkout.add_line(shopper, await checked(service, "example.com/more"))

    assert await CartLine.count() == MAX_LINES


async def test_change_replaces_link_and_quantity_and_raises_the_revision() -> None:
    shopper, service = customer(await make_account()), await make_service()
    line_id = await checkout.add_line(shopper, await checked(service, quantity=100))
    before = (await checkout.review(shopper)).seen

    await checkout.change_line(shopper, line_id, await checked(service, "example.com/new", quantity=200))

    after = await checkout.review(shopper)
    assert [(line.id, line.link, line.quantity) for line in after.lines] == [(line_id, "https://example.com/new", 200)]
    assert before is not None
    assert after.seen is not None
    assert after.seen.revision == before.revision + 1


async def test_change_to_a_link_of_another_line_is_refused() -> None:
    shopper, service = customer(await make_account()), await make_service()
    await checkout.add_line(shopper, await checked(service, "example.com/a"))
    line_id = await checkout.add_line(shopper, await checked(service, "example.com/b"))

    with pytest.raises(Invalid):
        await checkout.change_line(shopper, line_id, await checked(service, "example.com/a"))

    assert await links_of(shopper) == ["https://example.com/a", "https://example.com/b"]


async def test_removed_line_is_gone_and_the_others_stay() -> None:
    shopper, service = customer(await make_account()), await make_service()
    gone = await checkout.add_line(shopper, await checked(service, "example.com/a"))
    await checkout.add_line(shopper, await checked(service, "example.com/b"))

    await checkout.remove_line(shopper, gone)

    assert await links_of(shopper) == ["https://example.com/b"]


async def test_line_of_somebody_else_is_not_there() -> None:
    owner, service = await make_visitor(), await make_service()
    line_id = await checkout.add_line(owner, await checked(service))

    for stranger in (await make_visitor(), customer(await make_account())):
        with pytest.raises(NotFound):
            await checkout.find_line(stranger, line_id)
        with pytest.raises(NotFound):
            await checkout.change_line(stranger, line_id, await checked(service))
        with pytest.raises(NotFound):
            await checkout.remove_line(stranger, line_id)

    assert (await checkout.find_line(owner, line_id)).service_id == service.id


async def test_signing_in_moves_the_visitors_lines_to_the_account() -> None:
    visitor, account = await make_visitor(), await make_account()
    await fill_cart(customer(account))
    await fill_cart(visitor, 2)
    expected = await links_of(customer(account)) + await links_of(visitor)

    async with transaction():
        await checkout.merge(session_id=visitor.session_id, account_id=account.id)

    assert await links_of(customer(account)) == expected
    assert await Cart.count() == 1


async def test_signing_in_keeps_one_of_what_is_in_both_carts() -> None:
    visitor, account, service = await make_visitor(), await make_account(), await make_service()
    await checkout.add_line(customer(account), await checked(service, "example.com/a", quantity=100))
    await checkout.add_line(visitor, await checked(service, "www.example.com/a/", quantity=900))

    async with transaction():
        await checkout.merge(session_id=visitor.session_id, account_id=account.id)

    assert [line.quantity for line in (await checkout.review(customer(account))).lines] == [100]
    assert await CartLine.count() == 1


async def test_signing_in_never_overfills_the_cart() -> None:
    visitor, account = await make_visitor(), await make_account()
    await fill_cart(customer(account), MAX_LINES - 1)
    await fill_cart(visitor, 2)

    async with transaction():
        await checkout.merge(session_id=visitor.session_id, account_id=account.id)

    assert len(await links_of(customer(account))) == MAX_LINES


async def test_signing_in_without_a_cart_opens_none() -> None:
    visitor, account = await make_visitor(), await make_account()

    async with transaction():
        await checkout.merge(session_id=visitor.session_id, account_id=account.id)

    assert await Cart.count() == 0
