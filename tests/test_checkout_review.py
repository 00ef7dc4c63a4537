from domain import checkout
from domain.money import CENT, UNIT
from models.catalog import Service, ServiceState, ServiceType
from models.orders import Order
from tests.factories import make_account, make_cart, make_service
from tests.shopping import checked, customer, fill_cart, fund, make_visitor, review_of, seen_cart


async def test_review_of_nothing_is_empty() -> None:
    review = await review_of(await make_visitor())

    assert (review.lines, review.total, review.missing, review.seen) == ((), 0, 0, None)


async def test_review_adds_up_lines_at_todays_prices() -> None:
    shopper = await make_visitor()
    await fill_cart(shopper, 2, rate=2 * UNIT)
    package = await make_service(type=ServiceType.PACKAGE, rate=7 * UNIT, min_quantity=1, max_quantity=1)
    await checkout.add_line(shopper, await checked(package))

    review = await review_of(shopper)

    assert [line.charge for line in review.lines] == [2 * UNIT, 2 * UNIT, 7 * UNIT]
    assert review.total == 11 * UNIT
    assert (review.has_obstacles, review.prices_rose) == (False, False)


async def test_missing_is_the_part_above_the_balance_in_whole_cents() -> None:
    account = await make_account()
    await fill_cart(customer(account), rate=2 * UNIT + 1)
    await fund(account, UNIT)

    assert (await review_of(customer(account))).missing == UNIT + CENT


async def test_nothing_is_missing_when_the_balance_covers_it() -> None:
    account = await make_account()
    await fill_cart(customer(account), rate=2 * UNIT)
    await fund(account, 2 * UNIT)

    assert (await review_of(customer(account))).missing == 0


async def test_raised_price_is_shown_until_it_is_confirmed() -> None:
    shopper = customer(await make_account())
    [service] = await fill_cart(shopper, rate=2 * UNIT)
    await Service.update({Service.rate: 3 * UNIT}).where(Service.id == service.id)

    before = await review_of(shopper)
    assert shopper.account_id is not None
    await checkout.confirm_prices(shopper.account_id, await seen_cart(shopper))
    after = await review_of(shopper)

    assert (before.prices_rose, before.lines[0].seen_rate, before.total) == (True, 2 * UNIT, 3 * UNIT)
    assert (after.prices_rose, after.lines[0].seen_rate, after.total) == (False, 3 * UNIT, 3 * UNIT)


async def test_lowered_price_needs_no_confirmation() -> None:
    shopper = await make_visitor()
    [service] = await fill_cart(shopper, rate=2 * UNIT)
    await Service.update({Service.rate: UNIT}).where(Service.id == service.id)

    review = await review_of(shopper)

    assert (review.prices_rose, review.total) == (False, UNIT)


async def test_prices_of_a_cart_that_changed_meanwhile_are_not_confirmed() -> None:
    account = await make_account()
    [service] = await fill_cart(customer(account), rate=2 * UNIT)
    seen = await seen_cart(customer(account))
    await fill_cart(customer(account))
    await Service.update({Service.rate: 3 * UNIT}).where(Service.id == service.id)

    await checkout.confirm_prices(account.id, seen)

    assert (await review_of(customer(account))).prices_rose


async def test_prices_in_somebody_elses_cart_are_not_confirmed() -> None:
    owner, stranger = await make_account(), await make_account()
    [service] = await fill_cart(customer(owner), rate=2 * UNIT)
    await Service.update({Service.rate: 3 * UNIT}).where(Service.id == service.id)

    await checkout.confirm_prices(stranger.id, await seen_cart(customer(owner)))

    assert (await review_of(customer(owner))).prices_rose


async def test_service_taken_off_sale_stands_in_the_way() -> None:
    shopper = await make_visitor()
    [service] = await fill_cart(shopper)
    await Service.update({Service.state: ServiceState.VANISHED}).where(Service.id == service.id)

    review = await review_of(shopper)

    assert review.has_obstacles
    assert review.lines[0].obstacle == "This service is not for sale at the moment. Remove it to go on."


async def test_changed_limits_stand_in_the_way() -> None:
    shopper = await make_visitor()
    [service] = await fill_cart(shopper)
    await Service.update({Service.min_quantity: 2000}).where(Service.id == service.id)

    assert (await review_of(shopper)).lines[0].obstacle == "Quantity must be 2,000 to 10,000."


async def test_unfinished_order_on_the_link_is_named_to_its_owner_alone() -> None:
    owner, other, service = await make_account(), await make_account(), await make_service()
    for account in (owner, other):
        await checkout.add_line(customer(account), await checked(service, "example.com/a"))
    await Order(
        code="OPEN1", account=owner.id, cart=(await make_cart(owner)).id, service=service.id, quantity=1,
        link="https://example.com/a", link_key="example.com/a", currency="USD",
    ).save()  # fmt: skip

    owners, others = await review_of(customer(owner)), await review_of(customer(other))

    assert (owners.has_obstacles, owners.lines[0].open_order) == (True, "OPEN1")
    assert (others.has_obstacles, others.lines[0].open_order) == (True, "")


async def test_finished_order_on_the_link_is_in_nobodys_way() -> None:
    owner, service = await make_account(), await make_service()
    await checkout.add_line(customer(owner), await checked(service, "example.com/a"))
    await Order(
        code="DONE1", account=owner.id, cart=(await make_cart(owner)).id, service=service.id, quantity=1,
        link="https://example.com/a", link_key="example.com/a", currency="USD", state="completed",
    ).save()  # fmt: skip

    assert not (await review_of(customer(owner))).has_obstacles
