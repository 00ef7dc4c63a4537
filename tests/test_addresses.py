"""Addresses and bodies that nobody types: each is refused, and none of them is a bug of ours."""

from urllib.parse import quote

import pytest

from tests.browser import Browser
from tests.factories import make_account, make_staff

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
UNKNOWN_CHARSET = (
    b'--x\r\nContent-Disposition: form-data; name="link"\r\nContent-Type: text/plain; charset=none\r\n\r\n'
    b"a\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    "path",
    ["/orders/a%00b", "/payments/a%00b", "/wallet/receipts/%00", "/orders?q=a%00b", "/services?q=%00", "/password/%00"],
)
async def test_an_address_with_the_character_nul_is_refused(browser: Browser, path: str) -> None:
    await browser.sign_in((await make_account()).id)

    assert (await browser.get(path)).status_code == 400


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
async def test_an_id_that_no_row_can_have_is_not_found(browser: Browser, number: int) -> None:
    await browser.sign_in((await make_staff()).id)

    case = await browser.get(f"/staff/cases/{number}")
    decision = await browser.submit(f"/staff/cases/{number}/refund", {"reason": "No such thing."})
    line = await browser.submit(f"/cart/lines/{number}/removal")
    service = await browser.get(f"/services/{number}")

    assert [answer.status_code for answer in (case, decision, line, service)] == [404, 404, 404, 404]


@pytest.mark.parametrize("before", ["9" * 19, "9" * 5000, "-1", "\u0661", "x", ""])
async def test_a_place_in_a_list_that_is_no_id_is_its_beginning(browser: Browser, before: str) -> None:
    await browser.sign_in((await make_staff()).id)

    for path in ("/orders", "/wallet", "/staff/orders", "/staff/payments", "/staff/dispatches", "/staff/cases"):
        asked = await browser.get(f"{path}?before={quote(before)}")

        assert asked.status_code == 200, path


@pytest.mark.parametrize(
    ("kind", "body"),
    [(FORM, b"link=a%00b"), (FORM, b"a%00b=1"), (MULTIPART, UNKNOWN_CHARSET), (MULTIPART, b"--x\r\n")],
)
async def test_a_body_that_is_no_form_is_refused(browser: Browser, kind: str, body: bytes) -> None:
    answer = await browser.post("/appearance", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert "could not read" in answer.text
