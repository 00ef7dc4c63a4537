"""Mails as they were received, and the parts of them that a person or a test reads."""

import json
import sqlite3
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from sandbox.world import World


@dataclass(frozen=True)
class Mail:
    id: int
    at: float
    sender: str  # of the envelope
    recipients: list[str]  # of the envelope
    subject: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        if not isinstance(parsed, EmailMessage):
            raise TypeError("the default policy makes EmailMessage")
        return parsed

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


def keep(world: World, sender: str, recipients: list[str], content: bytes | str | None) -> int:
    raw = content.encode() if isinstance(content, str) else content or b""
    subject = str(message_from_bytes(raw, policy=policy.default).get("Subject", ""))
    return world.store.insert(
        "mail", at=world.clock.now(), sender=sender, recipients=json.dumps(recipients), subject=subject, raw=raw
    )


def find(world: World, number: int) -> Mail | None:
    row = world.store.one("SELECT * FROM mail WHERE id = ?", number)
    return _read(row) if row else None


def list_mails(world: World, *, to: str = "", limit: int = 200) -> list[Mail]:
    """The newest first; `to` is one whole address, case ignored."""
    sql = """SELECT * FROM mail WHERE ? = '' OR EXISTS (
        SELECT 1 FROM json_each(mail.recipients) WHERE lower(json_each.value) = lower(?)) ORDER BY id DESC LIMIT ?"""
    return [_read(row) for row in world.store.all(sql, to, to, limit)]


def clear(world: World) -> None:
    world.store.change("DELETE FROM mail")


def _read(row: sqlite3.Row) -> Mail:
    return Mail(**dict(row) | {"recipients": json.loads(row["recipients"])})
