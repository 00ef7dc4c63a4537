from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from domain import checkout, payments, wallet
from domain.checkout import CartMoved, SeenCart
from domain.errors import NotFound, Refused
from domain.money import UNIT
from domain.payments import PaymentView
from domain.payments.processors import Processor, Truth, TruthState
from gateways.cardlink import Cardlink
from models.accounts import Account
from models.catalog import Service, ServiceState
from models.checkout import Cart
from models.database import fetch, fetch_value
from models.notices import MailMessage
from models.orders import Order
from models.payments import Payment
from settings import Settings
from tests.factories import make_account
from tests.paying import BASE_URL, PayingShop, paying_shop
from tests.shopping import CURRENCY, SECRET_KEY, customer, fill_cart, fund, review_of, seen_cart


@pytest.fixture
async def shop_with_processor(settings: Settings) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


@pytest.fixture
def cardlink(shop_with_processor: PayingShop) -> Processor:
    return shop_with_processor.processor


async def pay(account: Account, cardlink: Processor, seen: SeenCart | None = None, *, missing: int = 0) -> PaymentView:
    review = await review_of(customer(account))
    return await checkout.pay_missing(
        account.id,
        seen or await seen_cart(customer(account)),
        seen_missing=missing or review.missing,
        processor=cardlink,
        currency=CURRENCY,
        base_url=BASE_URL,
    )


async def conclude(payment: PaymentView, state: TruthState) -> None:
    """What the processor says in the end, and the job that follows it."""
    assert payment.cart_id is not None
    truth = Truth(
        state=state, reference=payment.reference or "", code=payment.code, amount=payment.amount, currency=CURRENCY
    )
    await payments.settle(payment.id, truth)
    await checkout.settle_cart(payment.cart_id, secret_key=SECRET_KEY)


async def start(cardlink: Processor, *, lines: int = 1, balance: int = 0) -> tuple[Account, list[Service], PaymentView]:
    """A customer on the processor's page, with a cart of 2.00 a line."""
    account = await make_account()
    services = await fill_cart(customer(account), lines, rate=2 * UNIT)
    if balance:
        await fund(account, balance)
    return account, services, await pay(account, cardlink)


async def states_of_carts() -> list[str]:
    return [row["state"] for row in await Cart.select(Cart.state).order_by(Cart.id)]


async def test_payment_is_for_exactly_what_is_missing_and_freezes_the_cart(cardlink: Processor) -> None:
    account, _services, payment = await start(cardlink, lines=2, balance=UNIT)

    assert (payment.amount, payment.state) == (3 * UNIT, "pending")
    assert payment.pay_url.startswith("http")
    assert await states_of_carts() == ["paying"]
    assert (await review_of(customer(account))).lines == ()
    [waiting] = await checkout.list_waiting(account.id)
    assert (waiting.cart_id, waiting.payment_code, waiting.amount, waiting.lines) == (
        payment.cart_id, payment.code, 3 * UNIT, 2,
    )  # fmt: skip


async def test_frozen_cart_takes_no_line_and_the_next_one_goes_into_a_new_cart(cardlink: Processor) -> None:
    account, _services, _payment = await start(cardlink)

    await fill_cart(customer(account))

    assert await states_of_carts() == ["paying", "open"]
    assert [waiting.lines for waiting in await checkout.list_waiting(account.id)] == [1]


async def test_second_click_leads_to_the_payment_of_the_first(cardlink: Processor) -> None:
    account = await make_account()
    await fill_cart(customer(account))
    seen = await seen_cart(customer(account))

    first = await pay(account, cardlink, seen)
    second = await pay(account, cardlink, seen, missing=2 * UNIT)

    assert (second.code, second.pay_url) == (first.code, first.pay_url)
    assert await Payment.count() == 1


async def test_paid_cart_is_ordered_without_a_browser(cardlink: Processor) -> None:
    account, services, payment = await start(cardlink, lines=2, balance=UNIT)

    await conclude(payment, TruthState.PAID)

    assert await Order.select(Order.service, Order.cart, Order.account, Order.charge).order_by(Order.id) == [
        {"service": service.id, "cart": payment.cart_id, "account": account.id, "charge": 2 * UNIT}
        for service in services
    ]
    assert await wallet.balance(account.id, currency=CURRENCY) == 0
    assert await states_of_carts() == ["ordered"]
    letters = await MailMessage.select(MailMessage.letter).order_by(MailMessage.id)
    assert [letter["letter"] for letter in letters] == ["payment_received", "order_placed"]


async def test_settling_again_changes_nothing(cardlink: Processor) -> None:
    account, _services, payment = await start(cardlink)
    await conclude(payment, TruthState.PAID)

    await conclude(payment, TruthState.PAID)

    assert await Order.count() == 1
    assert await wallet.balance(account.id, currency=CURRENCY) == 0


async def test_click_after_payment_leads_to_the_payment_and_orders_nothing_twice(cardlink: Processor) -> None:
    account = await make_account()
    await fill_cart(customer(account))
    seen = await seen_cart(customer(account))
    payment = await pay(account, cardlink, seen)
    await conclude(payment, TruthState.PAID)

    again = await pay(account, cardlink, seen, missing=2 * UNIT)
    placed = await checkout.place_from_balance(account.id, seen, currency=CURRENCY, secret_key=SECRET_KEY)

    assert again.code == payment.code
    assert placed == [row["code"] for row in await Order.select(Order.code)]


async def test_cart_waits_while_the_payment_does(cardlink: Processor) -> None:
    _account, _services, payment = await start(cardlink)

    await conclude(payment, TruthState.OPEN)

    assert await states_of_carts() == ["paying"]


async def test_failed_payment_gives_the_cart_back_and_says_so(cardlink: Processor) -> None:
    account, services, payment = await start(cardlink)

    await conclude(payment, TruthState.FAILED)

    review = await review_of(customer(account))
    assert (review.note, [line.service.id for line in review.lines]) == ("payment_failed", [services[0].id])
    assert await states_of_carts() == ["abandoned", "open"]
    assert await Order.count() == 0


async def test_given_back_lines_join_those_that_were_added_meanwhile(cardlink: Processor) -> None:
    account, [first], payment = await start(cardlink)
    [second] = await fill_cart(customer(account))

    await conclude(payment, TruthState.FAILED)

    lines = (await review_of(customer(account))).lines
    assert {line.service.id for line in lines} == {first.id, second.id}


async def test_note_is_gone_with_the_next_change(cardlink: Processor) -> None:
    account, _services, payment = await start(cardlink)
    await conclude(payment, TruthState.FAILED)

    await fill_cart(customer(account))

    assert (await review_of(customer(account))).note is None


@pytest.mark.parametrize("change", [{Service.rate: 2 * UNIT + 1}, {Service.state: ServiceState.VANISHED}])
async def test_paid_cart_that_cannot_be_ordered_leaves_the_money_in_the_wallet(
    cardlink: Processor, change: dict[object, object]
) -> None:
    account, services, payment = await start(cardlink, lines=2)
    await Service.update(change).where(Service.id == services[1].id)  # type: ignore[arg-type]

    await conclude(payment, TruthState.PAID)

    review = await review_of(customer(account))
    assert (review.note, len(review.lines)) == ("not_ordered", 2)
    assert await wallet.balance(account.id, currency=CURRENCY) == 4 * UNIT
    assert await Order.count() == 0


async def test_paid_cart_whose_balance_was_spent_meanwhile_is_not_ordered(cardlink: Processor) -> None:
    account, _services, payment = await start(cardlink, balance=UNIT)
    await fill_cart(customer(account), rate=UNIT)
    seen = await seen_cart(customer(account))
    await checkout.place_from_balance(account.id, seen, currency=CURRENCY, secret_key=SECRET_KEY)

    await conclude(payment, TruthState.PAID)

    assert (await review_of(customer(account))).note == "not_ordered"
    assert await wallet.balance(account.id, currency=CURRENCY) == UNIT
    assert await Order.count() == 1


async def test_unreachable_processor_gives_the_cart_back_at_once(cardlink: Processor) -> None:
    account = await make_account()
    await fill_cart(customer(account))
    nobody = Cardlink("http://127.0.0.1:9/api/v1", token="72|t", shop_id="s", timeout=httpx.Timeout(1))

    with pytest.raises(Refused, match="can't be reached"):
        await pay(account, nobody)

    await nobody.aclose()
    review = await review_of(customer(account))
    assert (review.note, len(review.lines)) == ("processor_down", 1)
    assert (await pay(account, cardlink)).pay_url.startswith("http")


async def test_cart_can_be_taken_back_and_late_money_goes_to_the_wallet(cardlink: Processor) -> None:
    account, services, payment = await start(cardlink)
    assert payment.cart_id is not None

    await checkout.take_back(account.id, payment.cart_id)
    await conclude(payment, TruthState.PAID)

    review = await review_of(customer(account))
    assert (review.note, [line.service.id for line in review.lines]) == ("taken_back", [services[0].id])
    assert await wallet.balance(account.id, currency=CURRENCY) == 2 * UNIT
    assert await Order.count() == 0


async def test_cart_of_somebody_else_is_not_taken_back(cardlink: Processor) -> None:
    _account, _services, payment = await start(cardlink)
    assert payment.cart_id is not None

    with pytest.raises(NotFound):
        await checkout.take_back((await make_account()).id, payment.cart_id)

    assert await states_of_carts() == ["paying"]


@pytest.mark.parametrize("balance", [0, 2 * UNIT])
async def test_nothing_starts_when_the_missing_amount_is_not_what_the_page_said(
    cardlink: Processor, balance: int
) -> None:
    account = await make_account()
    await fill_cart(customer(account), rate=2 * UNIT)
    seen = await seen_cart(customer(account))
    if balance:
        await fund(account, balance)

    with pytest.raises(Refused, match="balance changed"):
        await pay(account, cardlink, seen, missing=UNIT)

    assert (await states_of_carts(), await Payment.count()) == (["open"], 0)


async def test_nothing_starts_for_a_cart_that_changed_meanwhile(cardlink: Processor) -> None:
    account = await make_account()
    await fill_cart(customer(account))
    seen = await seen_cart(customer(account))
    await fill_cart(customer(account))

    with pytest.raises(CartMoved):
        await pay(account, cardlink, seen)
    with pytest.raises(CartMoved):
        await pay(account, cardlink, replace(seen, cart_id=seen.cart_id + 1000))

    assert (await states_of_carts(), await Payment.count()) == (["open"], 0)


async def test_nothing_starts_before_the_address_is_confirmed(cardlink: Processor) -> None:
    account = await make_account(confirmed=False)
    await fill_cart(customer(account))

    with pytest.raises(Refused, match="Confirm your mail address"):
        await pay(account, cardlink)

    assert (await states_of_carts(), await Payment.count()) == (["open"], 0)


async def test_cart_and_payment_are_saved_together_or_not_at_all(cardlink: Processor) -> None:
    """A process that dies between freezing and intending would leave a cart that nobody opens again."""
    account = await make_account()
    await fill_cart(customer(account))
    await fetch("ALTER TABLE payments ADD CONSTRAINT no_payments CHECK (amount < 0) NOT VALID")

    with pytest.raises(Exception, match="no_payments"):
        await pay(account, cardlink)

    assert await states_of_carts() == ["open"]
    assert await fetch_value("SELECT count(*) FROM payments") == 0
