"""The statement as a CSV file for a spreadsheet or an accountant."""

import csv
import io
from collections.abc import AsyncIterator, Iterable

from domain import money
from domain.wallet.statement import StatementLine, StatementPart, walk_statement

COLUMNS = ("time", "kind", "reference", "receipt", "amount", "balance", "currency")

# Spreadsheets take text that begins like this for a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel reads UTF-8 as something else


async def write_statement(account_id: int, *, currency: str, part: StatementPart) -> AsyncIterator[bytes]:
    """The whole statement, the newest entry first: RFC 4180, UTF-8, times in UTC, amounts as plain exact decimals."""
    yield (_BYTE_ORDER_MARK + _write([COLUMNS])).encode()
    async for lines in walk_statement(account_id, currency=currency, part=part):
        yield _write(_cells(line, currency) for line in lines).encode()


def _write(rows: Iterable[Iterable[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


def _cells(line: StatementLine, currency: str) -> tuple[str, ...]:
    """Only text is guarded: a guard on amounts would turn each minus into text."""
    texts = (line.kind, line.reference, line.receipt or "")
    amounts = (money.plain(line.amount, places=2), money.plain(line.balance_after, places=2))
    time = line.happened_at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
    return (time, *map(_guard, texts), *amounts, currency)


def _guard(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
