"""Counts what a test sends to the database."""

import contextlib
from collections.abc import Iterator

from models.database import engine


@contextlib.contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Every statement that runs inside, on the connection of the test's own transaction."""
    running = engine().current_transaction.get()
    assert running is not None
    statements: list[str] = []
    with running.connection.query_logger(lambda record: statements.append(record.query)):
        yield statements
