"""The page around an order is kept for a header; each answer gets its own code and token."""

from models.accounts import Account
from tests.browser import Browser
from tests.factories import make_account
from tests.ordering import place_order

LINK = "https://example.com/marta-travels"


async def test_one_kept_page_shows_each_order_under_its_own_code_with_a_token_that_works(browser: Browser) -> None:
    odd = await make_account("bob0000000000")
    await Account.update({Account.email: "{token}@example.com"}).where(Account.id == odd.id)
    await browser.sign_in(odd.id)
    first, second = await place_order(odd, link=LINK), await place_order(odd, link=LINK + "/2")

    texts = [(await browser.get(f"/orders/{order.code}")).text for order in (first, second)]

    for text, own, other in zip(texts, (first, second), (second, first), strict=True):
        assert f"<title>Order {own.code}" in text
        assert f'hx-sse:connect="/orders/{own.code}/live"' in text
        assert other.code not in text
        assert "bob0000000000" in text
        assert "{token}@example.com" in text
        token = text.split('name="csrf_token" value="')[1].partition('"')[0]
        answer = await browser.post("/appearance", data={"theme": "dark", "csrf_token": token})
        assert answer.status_code == 303
