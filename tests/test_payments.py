from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest

from app import create_app
from domain import payments
from domain.accounts import sessions
from domain.jobs import Job
from domain.payments import PaymentView, decisions, settle
from domain.payments.processors import Truth, TruthState
from models.accounts import Account
from models.checkout import Cart, CartState
from models.database import fetch_value
from routes.cookies import DEVELOPMENT_NAME
from settings import Settings
from tests.browser import Browser
from tests.factories import make_account
from tests.paying import TEN, PayingShop, jobs, paying_shop, state_of
from tests.serving import serving
from tests.staff_world import make_staff_id


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


@pytest.fixture
async def browser(paying: PayingShop) -> AsyncIterator[Browser]:
    async with Browser(paying.web) as browser:
        yield browser


@pytest.fixture
async def alice() -> Account:
    return await make_account("alice")


async def say(payment: PaymentView, state: TruthState, *, arrived: int | None = None) -> None:
    assert payment.reference
    await settle(
        payment.id,
        Truth(
            state=state,
            reference=payment.reference,
            code=payment.code,
            amount=payment.amount,
            currency="USD",
            arrived=arrived,
        ),
    )


@pytest.mark.parametrize("way", ["return", "failure"])
@pytest.mark.parametrize("signed_in", [True, False])
async def test_payer_coming_back_from_another_site_is_led_to_the_page_and_nothing_is_read(
    paying: PayingShop, browser: Browser, alice: Account, way: str, signed_in: bool
) -> None:
    payment = await paying.start(alice)
    if signed_in:
        await browser.sign_in(alice.id)

    answer = await browser.post(
        f"/payments/{payment.code}/{way}",
        content=urlencode({"InvId": "SOMETHING", "Status": "SUCCESS"}),
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://processor.test"},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, f"/payments/{payment.code}")
    assert await state_of(payment) == "pending"
    assert await jobs(Job.CHECK_PAYMENT) == []


async def test_signed_out_visitor_is_sent_to_sign_in(paying: PayingShop, browser: Browser, alice: Account) -> None:
    payment = await paying.start(alice)

    for url in (f"/payments/{payment.code}", f"/payments/{payment.code}/live"):
        answer = await browser.get(url)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?{urlencode({'next': url})}")
    assert (await browser.submit(f"/payments/{payment.code}/attempts")).status_code == 303


async def test_another_customer_gets_404(paying: PayingShop, browser: Browser, alice: Account) -> None:
    payment = await paying.start(alice)
    await browser.sign_in((await make_account()).id)

    for url in (f"/payments/{payment.code}", f"/payments/{payment.code}/live", "/payments/PNOWHERE"):
        assert (await browser.get(url)).status_code == 404
    assert (await browser.submit(f"/payments/{payment.code}/attempts")).status_code == 404


async def test_open_payment_says_that_it_is_being_checked_and_keeps_looking(
    paying: PayingShop, browser: Browser, alice: Account
) -> None:
    payment = await paying.start(alice)
    await browser.sign_in(alice.id)

    text = (await browser.get(f"/payments/{payment.code}")).text

    assert "We are checking with the payment company" in text
    assert f'hx-sse:connect="/payments/{payment.code}/live"' in text
    assert 'hx-trigger="every 20s"' in text
    assert f'<noscript><p><a href="/payments/{payment.code}">' in text
    assert payment.pay_url in text


@pytest.mark.parametrize(
    ("state", "headline", "leads_to"),
    [
        (TruthState.FAILED, "Not paid", "/cart"),
        (TruthState.UNDERPAID, "Being checked", "/contact"),
    ],
)
async def test_settled_payment_says_how_it_ended_and_leads_on(
    paying: PayingShop, browser: Browser, alice: Account, state: TruthState, headline: str, leads_to: str
) -> None:
    cart = await Cart.objects().create(account=alice.id, state=CartState.PAYING)
    payment = await paying.start(alice, cart_id=cart.id)
    await say(payment, state)
    await browser.sign_in(alice.id)

    section = _section((await browser.get(f"/payments/{payment.code}")).text)

    assert f"{headline}</h1>" in section
    assert f'href="{leads_to}"' in section
    assert "hx-trigger" not in section


@pytest.mark.parametrize(
    ("cart_state", "told", "leads_to"),
    [
        (CartState.PAYING, "Your orders are being placed.", "/wallet"),
        (CartState.ORDERED, "Your orders are placed.", "/orders"),
        (CartState.ABANDONED, "Nothing was ordered with it: the money is in your wallet", "/cart"),
    ],
)
async def test_paid_cart_says_what_became_of_its_orders(
    paying: PayingShop, browser: Browser, alice: Account, cart_state: CartState, told: str, leads_to: str
) -> None:
    cart = await Cart.objects().create(account=alice.id, state=cart_state)
    payment = await paying.start(alice, cart_id=cart.id)
    await say(payment, TruthState.PAID)
    await browser.sign_in(alice.id)

    section = _section((await browser.get(f"/payments/{payment.code}")).text)

    assert told in section
    assert [href for href in ("/orders", "/cart", "/wallet") if f'href="{href}"' in section] == [leads_to]
    assert ('hx-trigger="every 20s"' in section) is (cart_state is CartState.PAYING)


async def test_payment_in_review_says_that_nothing_was_added_and_that_orders_wait(
    paying: PayingShop, browser: Browser, alice: Account
) -> None:
    cart = await Cart.objects().create(account=alice.id, state=CartState.PAYING)
    payment = await paying.start(alice, cart_id=cart.id)
    await say(payment, TruthState.OVERPAID)
    await browser.sign_in(alice.id)

    section = _section((await browser.get(f"/payments/{payment.code}")).text)

    assert "nothing was added to your wallet yet. A person here looks at it and decides." in section
    assert "Your orders wait for that decision." in section
    assert "hx-trigger" not in section


async def test_payment_that_a_person_did_not_credit_says_so_and_whom_to_ask(
    paying: PayingShop, browser: Browser, alice: Account
) -> None:
    payment = await paying.start(alice)
    await say(payment, TruthState.UNDERPAID)
    case_id = await fetch_value("SELECT id FROM cases")
    await decisions.refuse_credit(case_id, staff_id=await make_staff_id(), reason="A secret between us.")
    await browser.sign_in(alice.id)

    text = (await browser.get(f"/payments/{payment.code}")).text

    assert "Not credited</h1>" in text
    assert f"write to us and name payment {payment.code}." in text
    assert 'href="/contact"' in _section(text)
    assert "A secret between us." not in text


async def test_payment_of_another_sum_shows_what_was_credited(
    paying: PayingShop, browser: Browser, alice: Account
) -> None:
    payment = await paying.start(alice)
    await say(payment, TruthState.UNDERPAID, arrived=TEN // 2)
    case_id = await fetch_value("SELECT id FROM cases")
    await decisions.credit_arrived(case_id, staff_id=await make_staff_id(), reason="That is what came.")
    await browser.sign_in(alice.id)

    section = _section((await browser.get(f"/payments/{payment.code}")).text)
    number = await fetch_value("SELECT number FROM receipts")

    assert "$5.00 arrived in your wallet." in section
    assert "$5.00" in (await browser.get(f"/wallet/receipts/{number}")).text


async def test_paid_top_up_shows_its_receipt(paying: PayingShop, browser: Browser, alice: Account) -> None:
    payment = await paying.start(alice)
    await say(payment, TruthState.PAID)
    await browser.sign_in(alice.id)

    section = _section((await browser.get(f"/payments/{payment.code}")).text)

    number = await fetch_value("SELECT number FROM receipts")
    assert f'href="/wallet/receipts/{number}"' in section
    assert "$10.00 arrived in your wallet." in section
    assert 'href="/orders"' not in section


async def test_failed_top_up_offers_the_wallet_again(paying: PayingShop, browser: Browser, alice: Account) -> None:
    payment = await paying.start(alice)
    await say(payment, TruthState.FAILED)
    await browser.sign_in(alice.id)

    assert "Try again from your wallet" in (await browser.get(f"/payments/{payment.code}")).text


async def test_payment_that_was_not_started_is_tried_again_with_the_same_payment(
    paying: PayingShop, browser: Browser, alice: Account
) -> None:
    paying.sandbox.set_fault("cardlink.error_page", remaining=1)
    payment = await paying.start(alice)
    await browser.sign_in(alice.id)
    assert f'action="/payments/{payment.code}/attempts"' in (await browser.get(f"/payments/{payment.code}")).text

    answer = await browser.submit(f"/payments/{payment.code}/attempts")

    bill = paying.sandbox.bill_of(payment.code)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(bill.id)
    assert await fetch_value("SELECT count(*) FROM payments") == 1


async def test_trying_again_while_the_processor_is_still_silent_leads_back_to_the_page(
    paying: PayingShop, browser: Browser, alice: Account
) -> None:
    payment = await payments.intend(alice.id, amount=TEN, cart_id=None, processor="cardlink", currency="USD")
    await browser.sign_in(alice.id)

    answer = await browser.submit(f"/payments/{payment.code}/attempts")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/payments/{payment.code}")


@pytest.mark.commits
async def test_open_page_hears_from_another_process_that_the_money_came(paying: PayingShop, settings: Settings) -> None:
    alice = await make_account()
    payment = await paying.start(alice)
    async with serving(create_app(settings)) as url, Browser(httpx.AsyncHTTPTransport()) as browser:
        browser.base_url = httpx.URL(url)
        browser.cookies.set(DEVELOPMENT_NAME, await sessions.begin(alice.id))
        async with browser.stream("GET", f"/payments/{payment.code}/live") as stream:
            lines = stream.aiter_lines()
            first = await _read_event(lines)
            await say(payment, TruthState.PAID)
            second, last = await _read_event(lines), await _read_event(lines)

    assert 'data-state="pending"' in first
    assert 'data-state="paid"' in second
    assert last == "event: done\ndata: \n"


async def _read_event(lines: AsyncIterator[str]) -> str:
    event = ""
    while line := await anext(lines):
        event += f"{line}\n"
    return event


def _section(text: str) -> str:
    return text.split('<section id="payment"', maxsplit=1)[1].split("</section>", maxsplit=1)[0]
