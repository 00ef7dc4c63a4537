"""How often a page asks the database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from models.database import engine


@dataclass
class Count:
    queries: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def count_queries() -> AsyncIterator[Count]:
    """Collect the statements of the running test's connection."""
    running = engine().current_transaction.get()
    assert running is not None
    count = Count()

    def add(query: Any) -> None:
        count.queries.append(query.query)

    with running.connection.query_logger(add):
        yield count
        # The driver tells its loggers in the loop's next turn.
        await asyncio.sleep(0.01)
