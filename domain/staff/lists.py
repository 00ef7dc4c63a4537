"""Long lists for staff: a page of rows, the newest first, and where the next page starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.database import fetch

PAGE = 50

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by falling id; `before` is the id from which the next page goes on, None on the last one."""

    rows: Sequence[Row]
    before: int | None


async def read_page(query: Any, table: Any, *, before: int | None) -> Page:
    """Run a select of `table` from the newest row, or from below `before`; as fast on the last page as on the first."""
    if before is not None:
        query = query.where(table.id < before)
    rows = await query.order_by(table.id, ascending=False).limit(PAGE + 1)
    return Page(rows[:PAGE], rows[PAGE - 1]["id"] if len(rows) > PAGE else None)


async def rows_of(sql: str, *values: object) -> list[Row]:
    """All rows of a statement that finds few."""
    return [dict(row) for row in await fetch(sql, *values)]
