"""The log of calls a shop made to the provider: what was asked and answered, never the key."""

import json
from dataclasses import dataclass

from sandbox.fields import Fields
from sandbox.world import World

KEPT_CHARACTERS = 2_000


@dataclass(frozen=True)
class Call:
    id: int
    at: float
    action: str
    fields: Fields
    answer: str


def write_down(world: World, fields: Fields) -> int:
    shown = {name: value for name, value in fields.items() if name not in {"key", "action"}}
    kept = json.dumps(shown, ensure_ascii=False)
    return world.store.insert("provider_call", at=world.clock.now(), action=fields.get("action", ""), fields=kept)


def note_answer(world: World, call: int, answer: str) -> None:
    world.store.change("UPDATE provider_call SET answer = ? WHERE id = ?", answer[:KEPT_CHARACTERS], call)


def list_calls(world: World, *, action: str = "", limit: int = 200) -> list[Call]:
    """The newest calls first."""
    sql = "SELECT * FROM provider_call WHERE ? IN ('', action) ORDER BY id DESC LIMIT ?"
    rows = world.store.all(sql, action, limit)
    return [Call(row["id"], row["at"], row["action"], json.loads(row["fields"]), row["answer"]) for row in rows]


def count_calls(world: World, *, action: str) -> int:
    row = world.store.one("SELECT count(*) AS number FROM provider_call WHERE action = ?", action)
    return int(row["number"]) if row else 0
