import json

from domain import notices
from domain.notices import Letter, LetterName
from models.database import fetch, transaction
from models.notices import MailMessage
from tests.factories import make_account


def letter(cause: str = "account:1:confirm", account_id: int | None = None) -> Letter:
    return Letter(
        LetterName.CONFIRM_ADDRESS, cause, account_id, "marta@example.com", "en", {"username": "marta", "token": "t"}
    )


async def queued_jobs() -> list[bytes]:
    rows = await fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'send_mail' ORDER BY id")
    return [row["payload"] for row in rows]


async def test_queue_keeps_the_letter_and_one_job_for_it() -> None:
    account = await make_account()

    await notices.queue(letter(account_id=account.id))

    message = await MailMessage.objects().first()
    assert message is not None
    assert (message.letter, message.state, message.account) == ("confirm_address", "queued", account.id)
    assert json.loads(message.context) == {"username": "marta", "token": "t"}
    assert await queued_jobs() == [str(message.id).encode()]


async def test_queue_tells_of_one_cause_once() -> None:
    await notices.queue(letter("order:17:completed"), letter("order:18:completed"))

    await notices.queue(letter("order:17:completed"), letter("order:19:completed"))

    causes = await MailMessage.select(MailMessage.cause).order_by(MailMessage.cause).output(as_list=True)
    assert causes == ["order:17:completed", "order:18:completed", "order:19:completed"]
    assert len(await queued_jobs()) == 3


async def test_letter_vanishes_with_the_change_that_caused_it() -> None:
    running = transaction()
    await running.__aenter__()
    await notices.queue(letter())

    await running.rollback()
    await running.__aexit__(None, None, None)

    assert await MailMessage.count() == 0
    assert await queued_jobs() == []
