"""The sandbox's memory: one sqlite file that outlives a restart, or none at all for a test."""

import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")

Value = str | int | float | bytes | None


class Store:
    """A thin hand on sqlite. Every statement commits by itself: one process, one thread, one connection."""

    def __init__(self, database: str) -> None:
        if database != ":memory:":
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # A lost sandbox row costs nobody anything, and a bench should not wait for the disk.
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;")
        self._connection.executescript(SCHEMA.read_text(encoding="utf-8"))

    def all(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Value) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def change(self, sql: str, *values: Value) -> int:
        """Run a statement and say how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **columns: Value) -> int:
        """Add a row and return its rowid. Table and column names come from this program, never from outside."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608
        return cursor.lastrowid or 0

    def empty(self) -> None:
        """Forget every row; ids go on where they were, so that nothing old is mistaken for something new."""
        self._connection.execute("PRAGMA foreign_keys = OFF")
        for row in self.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            self.change(f"DELETE FROM {row['name']}")  # noqa: S608
        self._connection.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        self._connection.close()
