"""The troubles of the outside world that a person or a test can switch on, and how often each still happens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.fault_kinds import KINDS
from sandbox.store import Store

Options = dict[str, str]


class UnknownFault(LookupError):
    """Nobody has taught the sandbox this trouble."""


@dataclass(frozen=True)
class Fault:
    name: str
    remaining: int | None  # None: until it is switched off
    options: Options


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store

    def switch_on(
        self, name: str, *, remaining: int | None = None, options: Mapping[str, object] | None = None
    ) -> None:
        """Let a fault happen `remaining` times, or until it is switched off. Raises UnknownFault."""
        if name not in KINDS:
            raise UnknownFault(name)
        self.switch_off(name)
        kept = {key: str(value) for key, value in (options or {}).items() if str(value) != ""}
        self._store.insert("fault", name=name, remaining=remaining, options=json.dumps(kept))

    def switch_off(self, name: str) -> None:
        self._store.change("DELETE FROM fault WHERE name = ?", name)

    def clear(self) -> None:
        self._store.change("DELETE FROM fault")

    def list_on(self) -> list[Fault]:
        rows = self._store.all("SELECT name, remaining, options FROM fault ORDER BY name")
        return [Fault(row["name"], row["remaining"], json.loads(row["options"])) for row in rows]

    def find(self, name: str, *, action: str = "") -> Options | None:
        """The options of a fault that is on for this action, without using it up."""
        row = self._store.one("SELECT options FROM fault WHERE name = ?", name)
        options: Options | None = json.loads(row["options"]) if row else None
        if options is not None and options.get("action", action) == action:
            return options
        return None

    def take(self, name: str, *, action: str = "") -> Options | None:
        """The same, and count it: the last remaining time switches the fault off."""
        options = self.find(name, action=action)
        if options is not None:
            self._store.change("UPDATE fault SET remaining = remaining - 1 WHERE name = ?", name)
            self._store.change("DELETE FROM fault WHERE remaining <= 0")
        return options
