import asyncio
from collections.abc import Awaitable, Callable
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from sandbox.testing import RunningSandbox

Send = Callable[..., Awaitable[object]]


@pytest.fixture
def send(sandbox: RunningSandbox) -> Send:
    async def deliver(subject: str = "Grüße", to: str = "alice@example.net", html: str = "") -> object:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "Shop <shop@upfront.example>", to, subject
        message.set_content("Confirm: https://shop.test/confirm?a=1&b=2.\nKind regards")
        if html:
            message.add_alternative(html, subtype="html")
        return await aiosmtplib.send(message, hostname="127.0.0.1", port=sandbox.smtp_port, timeout=3)

    return deliver


async def test_mail_is_kept_and_found_by_its_recipient(
    sandbox: RunningSandbox, client: httpx.AsyncClient, send: Send
) -> None:
    await send(html="<p>Hello</p>")
    await send(to="bob@example.net")

    [mail] = (await client.get("/inbox.json", params={"to": "Alice@example.net"})).json()

    assert (mail["from"], mail["to"], mail["subject"]) == ("shop@upfront.example", ["alice@example.net"], "Grüße")
    assert mail["text"].startswith("Confirm: https://shop.test/confirm?a=1&b=2.")
    assert mail["html"].strip() == "<p>Hello</p>"
    assert ["From", "Shop <shop@upfront.example>"] in mail["headers"]


async def test_inbox_lists_the_newest_mail_first(client: httpx.AsyncClient, send: Send) -> None:
    await send("First")
    await send("Second")

    page = (await client.get("/inbox")).text

    assert page.index("Second") < page.index("First")


async def test_mail_page_makes_links_clickable_and_escapes_the_rest(client: httpx.AsyncClient, send: Send) -> None:
    await send("<b>bold</b>")
    number = (await client.get("/inbox.json")).json()[0]["id"]

    page = (await client.get(f"/inbox/{number}")).text

    link = "https://shop.test/confirm?a=1&amp;b=2"
    assert f'Confirm: <a href="{link}">{link}</a>.' in page
    assert "<b>bold</b>" not in page


async def test_html_part_is_shown_in_a_frame_that_runs_nothing(client: httpx.AsyncClient, send: Send) -> None:
    await send(html='<p>Hello <a href="https://shop.test/x">x</a></p>')
    number = (await client.get("/inbox.json")).json()[0]["id"]

    page = (await client.get(f"/inbox/{number}")).text
    part = await client.get(f"/inbox/{number}/html")

    policy = part.headers["content-security-policy"]
    assert f'src="/inbox/{number}/html" sandbox="allow-top-navigation-by-user-activation"' in page
    assert policy.startswith("default-src 'none';")
    assert "allow-scripts" not in policy
    assert part.text.startswith('<base target="_top">')


async def test_inbox_can_be_emptied(client: httpx.AsyncClient, send: Send) -> None:
    await send()

    await client.delete("/inbox.json")

    assert (await client.get("/inbox.json")).json() == []


async def test_unknown_mail_is_a_page_that_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/inbox/999999")

    assert (answer.status_code, "There is no such mail." in answer.text) == (404, True)


@pytest.mark.parametrize(("fault", "code"), [("refuse_temporarily", 451), ("refuse_permanently", 550)])
async def test_refused_mail_is_not_kept(sandbox: RunningSandbox, send: Send, fault: str, code: int) -> None:
    sandbox.set_fault(f"smtp.{fault}", remaining=1)

    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send()
    kept_before = len(sandbox.mails())
    await send()

    assert (refused.value.code, kept_before, len(sandbox.mails())) == (code, 0, 1)


async def test_refused_recipient_is_told_before_the_mail(sandbox: RunningSandbox, send: Send) -> None:
    sandbox.set_fault("smtp.refuse_recipient", remaining=1)

    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send()

    assert sandbox.mails() == []


async def test_dropped_connection_leaves_the_mail_kept(sandbox: RunningSandbox, send: Send) -> None:
    sandbox.set_fault("smtp.drop_after_data", remaining=1)

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send()

    assert len(sandbox.mails("alice@example.net")) == 1


async def test_several_mails_at_once_are_all_kept(sandbox: RunningSandbox, send: Send) -> None:
    await asyncio.gather(*(send(f"Mail {number}") for number in range(8)))

    assert {mail.subject for mail in sandbox.mails()} == {f"Mail {number}" for number in range(8)}
