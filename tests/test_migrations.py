"""The migrated database and the table classes must say the same."""

from piccolo.columns import Column

from models import TABLES
from models.database import fetch

LIVE = """
SELECT table_name, column_name, is_nullable = 'YES' AS nullable, data_type, character_maximum_length AS length
  FROM information_schema.columns WHERE table_schema = 'public'
"""
TYPES = {
    "BIGINT": "bigint", "BIGSERIAL": "bigint", "INTEGER": "integer", "SMALLINT": "smallint", "BOOLEAN": "boolean",
    "TEXT": "text", "JSONB": "jsonb", "BYTEA": "bytea", "TIMESTAMPTZ": "timestamp with time zone",
}  # fmt: skip


def declared(column: Column) -> tuple[bool, str, int | None]:
    kind = column.column_type
    if kind.startswith("VARCHAR"):
        return column._meta.null, "character varying", int(kind[8:-1])
    return column._meta.null, TYPES[kind], None


async def test_every_column_is_in_the_database_as_its_class_says() -> None:
    live = {
        (row["table_name"], row["column_name"]): (row["nullable"], row["data_type"], row["length"])
        for row in await fetch(LIVE)
    }
    ours = {
        (table._meta.tablename, column._meta.db_column_name): declared(column)
        for table in TABLES
        for column in table._meta.columns
    }

    tables = {name for name, _column in ours}
    assert {key: value for key, value in live.items() if key[0] in tables} == ours


async def test_no_table_is_without_a_class() -> None:
    rows = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    known = {table._meta.tablename for table in TABLES} | {"migration"}

    assert {row["tablename"] for row in rows if not row["tablename"].startswith("pgqueuer")} == known


async def test_nothing_cascades_and_nothing_is_set_null() -> None:
    rows = await fetch(
        "SELECT conrelid::regclass::text AS child, conname FROM pg_constraint "
        "WHERE contype = 'f' AND (confdeltype <> 'r') AND conrelid::regclass::text NOT LIKE 'pgqueuer%'"
    )

    assert [dict(row) for row in rows] == []


async def test_every_check_of_a_class_is_in_the_database() -> None:
    rows = await fetch("SELECT conrelid::regclass::text AS t, conname FROM pg_constraint WHERE contype = 'c'")
    live = {(row["t"], row["conname"]) for row in rows}
    ours = {(table._meta.tablename, check._meta.name) for table in TABLES for check in table._meta.constraints}

    assert ours - live == set()
