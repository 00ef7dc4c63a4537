"""What every part of the sandbox shares: settings, memory, time, faults and the news that it is closing."""

import asyncio
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.settings import Settings
from sandbox.store import Store


@dataclass(frozen=True)
class World:
    settings: Settings
    store: Store
    clock: Clock
    faults: Faults
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def open(cls, settings: Settings) -> "World":
        store = Store(settings.database)
        return cls(settings, store, Clock(), Faults(store))
