import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

import logs
from logs import NEVER_LOGGED
from models.database import fetch, transaction
from tests.browser import Browser
from tests.factories import make_account


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """Production's JSON lines, for one test."""
    logs.configure(json=True)
    return capsys


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logs.configure(json=False)


def test_a_line_is_json_with_a_time_and_a_level(lines: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("test").info("order_placed", order=17)

    line = json.loads(lines.readouterr().err)
    assert (line["event"], line["order"], line["level"]) == ("order_placed", 17, "info")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("field", sorted(NEVER_LOGGED))
def test_a_field_that_could_carry_a_person_or_a_key_is_dropped(lines: pytest.CaptureFixture[str], field: str) -> None:
    structlog.get_logger("test").warning("odd", **{field: "canary-value"})

    assert "canary-value" not in lines.readouterr().err


def test_other_libraries_log_through_the_same_lines(lines: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("somebody.else").warning("from a library")

    assert json.loads(lines.readouterr().err)["event"] == "from a library"


async def test_a_bug_is_logged_with_the_requests_id_and_without_what_was_typed(
    lines: pytest.CaptureFixture[str], browser: Browser
) -> None:
    # A table that is gone is a bug like any other.
    await browser.sign_in((await make_account()).id)
    await fetch("ALTER TABLE orders RENAME TO gone")

    answer = await browser.get("/orders?q=canary@example.com")

    written = lines.readouterr().err
    line = json.loads(next(line for line in written.splitlines() if '"bug"' in line))
    assert answer.status_code == 500
    assert "look whether it went through" in answer.text
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "canary@example.com" not in written


async def test_an_error_of_the_database_is_logged_without_the_row_it_names(lines: pytest.CaptureFixture[str]) -> None:
    for sql, value in (
        ("INSERT INTO ledger_accounts (kind, processor, balance) VALUES ('wallet', $1, -1)", "canary-value"),
        ("SELECT $1::bigint", "canary-value"),
    ):
        try:
            async with transaction():
                await fetch(sql, value)
        except asyncpg.PostgresError as error:
            outer = LookupError("one thing led to another")
            outer.__cause__ = error
            structlog.get_logger("test").error("odd", exc_info=outer)

    written = lines.readouterr().err
    assert "CheckViolationError" in written
    assert "DataError" in written
    assert "canary-value" not in written
