import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from domain import wallet
from domain.clock import now
from domain.money import UNIT
from domain.payments import settle
from domain.payments.processors import Truth, TruthState
from domain.wallet import Charge
from domain.wallet.statement import PAGE_SIZE
from models.accounts import Account
from models.database import engine, fetch_value
from settings import Settings
from tests.browser import Browser
from tests.factories import make_account
from tests.paying import TEN, PayingShop, paying_shop

MINUS = "\N{MINUS SIGN}"
PAGES = ["/wallet", "/wallet/statement.csv", "/wallet/receipts/R-2026-000001"]


@pytest.fixture(scope="module")
async def paying(settings: Settings, database: None) -> AsyncIterator[PayingShop]:
    async with paying_shop(settings) as shop:
        yield shop


@pytest.fixture
async def browser(paying: PayingShop) -> AsyncIterator[Browser]:
    async with Browser(paying.web) as browser:
        yield browser


async def pay_in(paying: PayingShop, account: Account, amount: int = TEN) -> str:
    """Money that arrived through a payment; answers with the receipt's number."""
    payment = await paying.start(account, amount=amount)
    assert payment.reference
    truth = Truth(
        state=TruthState.PAID, reference=payment.reference, code=payment.code, amount=payment.amount, currency="USD"
    )
    await settle(payment.id, truth)
    return (await wallet.list_receipts(account.id))[0].number


async def spend(account: Account, *amounts: int, code: str = "ORDER1") -> None:
    charges = [Charge(f"{code}:{number}:charge", code, amount) for number, amount in enumerate(amounts)]
    await wallet.charge(account.id, charges, currency="USD")


@pytest.mark.parametrize("url", PAGES)
async def test_signed_out_visitor_is_sent_to_sign_in(browser: Browser, url: str) -> None:
    answer = await browser.get(url)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?{urlencode({'next': url})}")


async def test_signed_out_visitor_starts_no_payment(browser: Browser) -> None:
    answer = await browser.submit("/wallet/payments", {"amount": "10"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2F")
    assert await fetch_value("SELECT count(*) FROM payments") == 0


async def test_empty_wallet_says_what_will_stand_there(browser: Browser) -> None:
    alice = await make_account()
    await browser.sign_in(alice.id)

    answer = await browser.get("/wallet")

    assert answer.status_code == 200
    assert '<b class="balance-sum num" title="$0.00">$0.00</b>' in answer.text
    assert "Nothing here yet" in answer.text


async def test_statement_shows_each_entry_with_its_sign_and_the_balance_after_it(
    paying: PayingShop, browser: Browser
) -> None:
    alice = await make_account()
    receipt = await pay_in(paying, alice)
    await spend(alice, 2 * UNIT + UNIT // 1000)
    await wallet.refund(alice.id, amount=UNIT, cause="order:1:refund:1", reference="ORDER1", currency="USD")
    await browser.sign_in(alice.id)

    text = (await browser.get("/wallet")).text

    assert 'title="$8.999">$8.99</b>' in text
    assert text.index("Refund, order ORDER1") < text.index(">Order ORDER1") < text.index(f"receipt {receipt}")
    for amount in ("+$1.00", f"{MINUS}$2.001", "+$10.00"):
        assert amount in text
    for balance in ('title="$8.999">$8.99</td>', 'title="$7.999">$7.99</td>', 'title="$10.00">$10.00</td>'):
        assert balance in text


async def test_another_customers_money_is_nowhere_in_the_wallet(paying: PayingShop, browser: Browser) -> None:
    alice, charlie = await make_account(), await make_account()
    receipt = await pay_in(paying, alice)
    await spend(alice, UNIT)
    await paying.start(alice)
    await browser.sign_in(charlie.id)

    wallet_page, file = await browser.get("/wallet"), await browser.get("/wallet/statement.csv")

    assert "Nothing here yet" in wallet_page.text
    assert "Payments under way" not in wallet_page.text
    assert file.text.count("\r\n") == 1
    assert (await browser.get(f"/wallet/receipts/{receipt}")).status_code == 404


@pytest.mark.parametrize(
    ("show", "seen", "hidden"),
    [
        ("added", "Money added", "Order ORDER1"),
        ("spent", "Order ORDER1", "Money added"),
        ("refunded", "Refund, order", "Money added"),
        ("nonsense", "Money added", "No such entries"),
    ],
)
async def test_statement_shows_only_the_chosen_part(
    paying: PayingShop, browser: Browser, show: str, seen: str, hidden: str
) -> None:
    alice = await make_account()
    await pay_in(paying, alice)
    await spend(alice, UNIT)
    await wallet.refund(alice.id, amount=1, cause="order:1:refund:1", reference="ORDER1", currency="USD")
    await browser.sign_in(alice.id)

    statement = _statement((await browser.get(f"/wallet?show={show}")).text)

    assert seen in statement
    assert hidden not in statement


async def test_statement_goes_on_where_a_page_ends_without_losing_an_entry(
    paying: PayingShop, browser: Browser
) -> None:
    alice = await make_account()
    await pay_in(paying, alice)
    await spend(alice, *range(1, 2 * PAGE_SIZE))
    await browser.sign_in(alice.id)

    first = (await browser.get("/wallet")).text
    last = first.split('href="/wallet?show=all&amp;before=')[1].split('"')[0]
    second = (await browser.get(f"/wallet?show=all&before={last}")).text

    assert _rows(first) == PAGE_SIZE
    assert _rows(second) == PAGE_SIZE
    assert "Load more" in first
    assert "Load more" not in second
    assert "Money added" not in _statement(first)
    assert "Money added" in _statement(second)
    assert (await browser.get(f"/wallet?before={last}0000000000000000000")).status_code == 200


@pytest.mark.parametrize("entries", [1, 3])
async def test_wallet_asks_the_database_the_same_number_of_questions(
    paying: PayingShop, browser: Browser, entries: int
) -> None:
    alice = await make_account()
    for _entry in range(entries):
        await pay_in(paying, alice)
    await browser.sign_in(alice.id)
    running = engine().current_transaction.get()
    assert running is not None
    statements: list[str] = []

    with running.connection.query_logger(lambda record: statements.append(record.query)):
        await browser.get("/wallet")
        await asyncio.sleep(0)  # the logger is called a turn of the loop later

    assert len([query for query in statements if "SELECT" in query]) == 4


async def test_download_is_a_spreadsheet_of_the_whole_statement(paying: PayingShop, browser: Browser) -> None:
    alice = await make_account()
    receipt = await pay_in(paying, alice)
    await spend(alice, UNIT // 3)
    await browser.sign_in(alice.id)

    answer = await browser.get("/wallet/statement.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="statement-all-{now():%Y-%m-%d}.csv"'
    head, spent, added, rest = answer.content.decode("utf-8-sig").split("\r\n")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert head == "time,kind,reference,receipt,amount,balance,currency"
    assert spent.split(",")[1:] == ["charge", "ORDER1", "", "-0.33333333", "9.66666667", "USD"]
    assert added.split(",")[1:2] + added.split(",")[3:] == ["top_up", receipt, "10.00", "10.00", "USD"]
    assert rest == ""


async def test_receipt_says_what_was_received_from_whom(paying: PayingShop, browser: Browser) -> None:
    alice = await make_account("alice")
    number = await pay_in(paying, alice)
    await browser.sign_in(alice.id)

    text = (await browser.get(f"/wallet/receipts/{number}")).text

    for part in (number, "alice", "$10.00", "Card, through Cardlink"):
        assert part in text


async def test_receipt_that_does_not_exist_is_a_page_that_says_so(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    answer = await browser.get("/wallet/receipts/R-2026-999999")

    assert answer.status_code == 404
    assert "There is no such receipt." in answer.text


async def test_adding_money_leads_to_the_processors_page(paying: PayingShop, browser: Browser) -> None:
    alice = await make_account()
    await browser.sign_in(alice.id)

    answer = await browser.submit("/wallet/payments", {"amount": "25.50"})

    [bill] = [bill for bill in paying.sandbox.bills() if str(bill.amount) == "25.50"]
    assert (answer.status_code, answer.headers["location"]) == (303, f"{paying.sandbox.url}/cardlink/pay/{bill.id}")
    assert await fetch_value("SELECT account FROM payments WHERE code = $1", bill.order_id) == alice.id
    assert bill.order_id in (await browser.get("/wallet")).text


async def test_adding_money_with_htmx_sends_the_whole_page_there(paying: PayingShop, browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    answer = await browser.submit("/wallet/payments", {"amount": "5"}, htmx=True)

    assert answer.headers["hx-redirect"].startswith(f"{paying.sandbox.url}/cardlink/pay/")


async def test_wrong_amount_is_said_beside_what_was_typed(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    answer = await browser.submit("/wallet/payments", {"amount": "0.50"})

    assert answer.status_code == 422
    assert "The amount must be 1 to 10,000." in answer.text
    assert 'value="0.50"' in answer.text
    assert await fetch_value("SELECT count(*) FROM payments") == 0


async def test_silent_processor_leads_to_the_payments_own_page(paying: PayingShop, browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)
    paying.sandbox.set_fault("cardlink.error_page", remaining=1)

    answer = await browser.submit("/wallet/payments", {"amount": "5"})

    code = await fetch_value("SELECT code FROM payments")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/payments/{code}")
    assert "Nothing was charged" in (await browser.get(f"/payments/{code}")).text


async def test_unconfirmed_customer_is_asked_to_confirm_instead(browser: Browser) -> None:
    await browser.sign_in((await make_account(confirmed=False)).id)

    page, answer = await browser.get("/wallet"), await browser.submit("/wallet/payments", {"amount": "5"})

    assert "Confirm your mail address first" in page.text
    assert "Amount in USD" not in page.text
    assert answer.status_code == 409
    assert await fetch_value("SELECT count(*) FROM payments") == 0


def _statement(text: str) -> str:
    return text.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]


def _rows(text: str) -> int:
    return _statement(text).count('<td class="num" title=')
