import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from domain import notices
from domain.clock import now
from domain.notices import Letter, LetterName, MailRefused, MailUnknown, OutgoingMail, RenderedLetter
from domain.notices.delivery import PAUSES
from models.database import fetch, transaction
from models.notices import MailMessage


@dataclass
class Postman:
    """A mailer that does as told, once for each of its troubles, and then delivers."""

    troubles: list[Exception] = field(default_factory=list)
    carried: list[OutgoingMail] = field(default_factory=list)

    async def send(self, mail: OutgoingMail) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.carried.append(mail)


def render(letter: Letter) -> RenderedLetter:
    return RenderedLetter(letter.name, f"Hello {letter.context['username']}", "<p>Hello</p>")


async def queue_letter(cause: str = "order:17:completed") -> int:
    await notices.queue(
        Letter(LetterName.ORDER_FINISHED, cause, None, "marta@example.com", "en", {"username": "marta", "token": "t"})
    )
    ids: Sequence[int] = await MailMessage.select(MailMessage.id).where(MailMessage.cause == cause).output(as_list=True)
    return ids[0]


async def find(message_id: int) -> MailMessage:
    message = await MailMessage.objects().get(MailMessage.id == message_id)
    assert message is not None
    return message


async def waiting_jobs() -> int:
    return len(await fetch("SELECT FROM pgqueuer WHERE entrypoint = 'send_mail'"))


async def test_deliver_sends_the_letter_and_forgets_its_words() -> None:
    message_id = await queue_letter()
    postman = Postman()

    assert await notices.deliver(message_id, postman, render) == "sent"

    assert [(mail.to_address, mail.letter.text) for mail in postman.carried] == [("marta@example.com", "Hello marta")]
    message = await find(message_id)
    assert (message.state, message.attempts, message.context) == ("sent", 1, "{}")
    assert message.sent_at is not None


async def test_deliver_sends_once_however_often_the_job_comes() -> None:
    message_id = await queue_letter()
    postman = Postman()

    outcomes = [await notices.deliver(message_id, postman, render) for _ in range(3)]

    assert outcomes == ["sent", None, None]
    assert len(postman.carried) == 1


async def test_deliver_leaves_a_letter_that_another_process_is_sending() -> None:
    message_id = await queue_letter()
    await fetch("UPDATE mail_messages SET state = 'sending', claimed_at = now()")
    postman = Postman()

    assert await notices.deliver(message_id, postman, render) is None

    assert postman.carried == []


async def test_deliver_names_each_cause_with_a_key_of_its_own() -> None:
    postman = Postman()

    for cause in ("order:17:completed", "order:18:completed"):
        await notices.deliver(await queue_letter(cause), postman, render)

    assert len({mail.key for mail in postman.carried}) == 2


async def test_deliver_waits_longer_after_each_refusal_for_now() -> None:
    message_id = await queue_letter()
    postman = Postman([MailRefused("SMTPDataError 451", permanent=False)] * 2)
    pauses = []

    for _ in range(2):
        assert await notices.deliver(message_id, postman, render) == "queued"
        pauses.append(((await find(message_id)).next_attempt_at - now()).total_seconds())

    assert pauses == pytest.approx([pause.total_seconds() for pause in PAUSES[:2]], abs=5)
    assert await notices.deliver(message_id, postman, render) == "sent"


async def test_deliver_gives_up_after_the_last_pause() -> None:
    message_id = await queue_letter()
    postman = Postman([MailRefused("SMTPConnectError", permanent=False)] * (len(PAUSES) + 1))

    outcomes = [await notices.deliver(message_id, postman, render) for _ in range(len(PAUSES) + 1)]

    assert outcomes == ["queued"] * len(PAUSES) + ["failed"]


async def test_deliver_does_not_try_again_after_a_refusal_for_good() -> None:
    message_id = await queue_letter()

    assert await notices.deliver(message_id, Postman([MailRefused("550", permanent=True)]), render) == "failed"

    message = await find(message_id)
    assert (message.state, message.note, message.context) == ("failed", "550", "{}")


async def test_deliver_never_sends_again_what_may_have_arrived() -> None:
    message_id = await queue_letter()
    postman = Postman([MailUnknown("SMTPServerDisconnected")])

    assert await notices.deliver(message_id, postman, render) == "unknown"

    assert await notices.deliver(message_id, postman, render) is None
    assert postman.carried == []


async def test_deliver_keeps_a_letter_that_cannot_be_written() -> None:
    message_id = await queue_letter()

    with pytest.raises(KeyError):
        await notices.deliver(message_id, Postman(), lambda letter: render(letter) if letter.context["x"] else None)  # type: ignore[arg-type, return-value]

    message = await find(message_id)
    assert (message.state, message.attempts) == ("queued", 0)


async def test_sweep_asks_again_for_a_letter_whose_job_was_lost() -> None:
    message_id = await queue_letter()
    await fetch("DELETE FROM pgqueuer")
    await notices.sweep()
    assert await waiting_jobs() == 0

    await fetch("UPDATE mail_messages SET next_attempt_at = $1 WHERE id = $2", now() - timedelta(seconds=1), message_id)
    await notices.sweep()
    await notices.sweep()

    assert await waiting_jobs() == 1


async def test_sweep_calls_a_conversation_that_died_unknown_and_never_repeats_it() -> None:
    died, lives = await queue_letter("a"), await queue_letter("b")
    await fetch("DELETE FROM pgqueuer")
    await fetch("UPDATE mail_messages SET state = 'sending', claimed_at = $1", now() - timedelta(minutes=14))
    await fetch("UPDATE mail_messages SET claimed_at = $1 WHERE id = $2", now() - timedelta(minutes=16), died)

    await notices.sweep()

    assert ((await find(died)).state, (await find(lives)).state) == ("unknown", "sending")
    assert await waiting_jobs() == 0


@pytest.mark.commits
async def test_two_workers_with_the_same_job_send_one_letter() -> None:
    async with transaction():
        message_id = await queue_letter()
    postman = Postman()

    outcomes = await asyncio.gather(*(notices.deliver(message_id, postman, render) for _ in range(4)))

    assert sorted(outcomes, key=str) == [None, None, None, "sent"]
    assert len(postman.carried) == 1
