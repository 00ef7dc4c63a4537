import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from domain import notices
from domain.notices import Letter, LetterName, Mailer, MailRefused, MailUnknown, OutgoingMail, RenderedLetter
from gateways.smtp import SmtpMailer
from models.notices import MailMessage
from routes.assets import Assets
from routes.letters import render_letter
from routes.pages import Pages, Shop
from sandbox.testing import RunningSandbox, running_sandbox
from settings import ROOT, Settings

LETTER = RenderedLetter(subject="Grüße aus dem Laden", text="Zwei Zeilen\n.und ein Punkt\n", html="<p>Zwei Zeilen</p>")
MAIL = OutgoingMail(key="a" * 32, to_address="marta@example.com", locale="de", letter=LETTER)


@pytest.fixture(scope="module")
async def outside() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
def host(outside: RunningSandbox) -> RunningSandbox:
    outside.clear_faults()
    outside.sandbox.world.store.change("DELETE FROM mail")
    return outside


def mailer(port: int, *, start_tls: bool = False, username: str = "") -> SmtpMailer:
    return SmtpMailer(
        host="127.0.0.1",
        port=port,
        sender="Upfront <shop@upfront.example>",
        username=username,
        password=username,
        start_tls=start_tls,
    )


def test_smtp_mailer_keeps_the_protocol() -> None:
    assert isinstance(mailer(25), Mailer)


async def test_send_hands_over_text_and_html_marked_as_automatic(host: RunningSandbox) -> None:
    await mailer(host.smtp_port).send(MAIL)

    (mail,) = host.mails()
    assert (mail.sender, mail.recipients) == ("shop@upfront.example", ["marta@example.com"])
    assert mail.message.get_content_type() == "multipart/alternative"
    assert mail.subject == LETTER.subject
    assert (mail.text.splitlines(), mail.html.strip()) == (LETTER.text.splitlines(), LETTER.html)
    headers = dict(mail.headers)
    assert headers["From"] == "Upfront <shop@upfront.example>"
    assert headers["Message-ID"] == f"<{'a' * 32}@upfront.example>"
    assert (headers["Auto-Submitted"], headers["Content-Language"]) == ("auto-generated", "de")


async def test_send_reaches_an_address_beyond_ascii(host: RunningSandbox) -> None:
    await mailer(host.smtp_port).send(
        OutgoingMail(key="b" * 32, to_address="jürgen@example.com", locale="de", letter=LETTER)
    )

    assert host.mails()[0].recipients == ["jürgen@example.com"]


@pytest.mark.parametrize(
    ("fault", "permanent"),
    [("smtp.refuse_temporarily", False), ("smtp.refuse_permanently", True), ("smtp.refuse_recipient", True)],
)
async def test_send_knows_a_refusal_for_now_from_one_for_good(
    host: RunningSandbox, fault: str, permanent: bool
) -> None:
    host.set_fault(fault)

    with pytest.raises(MailRefused) as refusal:
        await mailer(host.smtp_port).send(MAIL)

    assert refusal.value.permanent is permanent
    assert "marta" not in str(refusal.value)
    assert host.mails() == []


async def test_send_is_in_doubt_when_the_connection_drops_after_the_message(host: RunningSandbox) -> None:
    host.set_fault("smtp.drop_after_data")

    with pytest.raises(MailUnknown):
        await mailer(host.smtp_port).send(MAIL)

    assert len(host.mails()) == 1


async def test_send_to_nobody_listening_is_surely_not_sent() -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    with pytest.raises(MailRefused) as refusal:
        await mailer(port).send(MAIL)

    assert refusal.value.permanent is False


async def test_send_says_nothing_in_the_clear_where_encryption_is_asked_for(host: RunningSandbox) -> None:
    with pytest.raises(MailRefused) as refusal:
        await mailer(host.smtp_port, start_tls=True).send(MAIL)

    assert refusal.value.permanent is False
    assert host.mails() == []


async def test_a_refused_sign_in_is_the_shops_trouble_and_not_the_letters(host: RunningSandbox) -> None:
    with pytest.raises(MailRefused) as refusal:
        await mailer(host.smtp_port, username="shop").send(MAIL)

    assert refusal.value.permanent is False


async def test_a_queued_letter_arrives_once_in_words(host: RunningSandbox, settings: Settings) -> None:
    shop = Shop(name="Upfront", currency="USD", contact_email="help@upfront.example", base_url=settings.base_url)
    pages = Pages(ROOT / "templates", Assets(ROOT / "static"), shop)
    context = {"username": "marta", "token": "a.b-c"}
    await notices.queue(Letter(LetterName.RESET_PASSWORD, "test:1", None, "marta@example.com", "en", context))
    [message_id] = await MailMessage.select(MailMessage.id).output(as_list=True)

    for _ in range(2):
        await notices.deliver(message_id, mailer(host.smtp_port), partial(render_letter, pages))

    (mail,) = host.mails(to="marta@example.com")
    assert mail.subject == "Choose a new password"
    assert f"{settings.base_url}/password/a.b-c" in mail.text
    assert f'href="{settings.base_url}/password/a.b-c"' in mail.html
