"""How often a page asks the database."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from models.database import engine


@dataclass
class Count:
    number: int = 0


@contextlib.asynccontextmanager
async def count_queries() -> AsyncIterator[Count]:
    """Count the statements of the running test's connection."""
    running = engine().current_transaction.get()
    assert running is not None
    count = Count()

    def add(_query: object) -> None:
        count.number += 1

    with running.connection.query_logger(add):
        yield count
