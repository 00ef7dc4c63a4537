"""A real PostgreSQL, a database of this run's own, and a browser without a browser."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from models.engine import embedded_url
from settings import ROOT, Settings

TEST_DATA = ROOT / ".data" / "test"
SERVER = os.environ.get("TEST_DATABASE_URL") or embedded_url(TEST_DATA)
DATABASE = f"upfront_test_{secrets.token_hex(4)}"


def database_url(name: str) -> str:
    """The address of another database on the tests' server."""
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


# Piccolo reads its configuration when the first table is imported, so this comes before the shop's own imports.
os.environ["DATABASE_URL"] = database_url(DATABASE)
os.environ["DATABASE_POOL"] = "5"
os.environ["DATA_DIR"] = str(TEST_DATA)

import logs  # noqa: E402
from app import create_app  # noqa: E402
from models.database import engine, transaction  # noqa: E402
from models.migrate import migrate  # noqa: E402
from tests.browser import Browser  # noqa: E402


async def create_database(name: str) -> None:
    server = await asyncpg.connect(SERVER)
    await server.execute(f'CREATE DATABASE "{name}"')
    # Tests may lose a second of work in a power cut; the shop may not.
    await server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    await server.close()


async def drop_database(name: str) -> None:
    server = await asyncpg.connect(SERVER)
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings.from_environment({**os.environ, "ALLOWED_HOSTS": "shop.test,127.0.0.1"})


@pytest.fixture(scope="session", autouse=True)
async def database() -> AsyncIterator[None]:
    """Create this run's database, migrated, with an open pool; drop it at the end."""
    await create_database(DATABASE)
    await migrate()
    await engine().start_connection_pool()
    yield
    await engine().close_connection_pool()
    await drop_database(DATABASE)


@pytest.fixture(autouse=True)
async def rollback(request: pytest.FixtureRequest, database: None) -> AsyncIterator[None]:
    """Run each test in one transaction and undo it, except where `commits` says that it needs real commits.

    The shop's own transactions become savepoints inside it; deferred checks run when a test asks for them
    (`SET CONSTRAINTS ALL IMMEDIATE`) or commits.
    """
    if request.node.get_closest_marker("commits"):
        yield
        await _truncate()
        return
    around = transaction()
    await around.__aenter__()
    yield
    await around.rollback()
    await around.__aexit__(None, None, None)


async def _truncate() -> None:
    """Empty every table of the shop; the append-only triggers step aside for this session alone."""
    async with transaction() as running:
        await running.connection.execute("SET LOCAL session_replication_role = replica")
        tables = await running.connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('migration')"
        )
        await running.connection.execute("TRUNCATE " + ", ".join(f'"{row[0]}"' for row in tables) + " CASCADE")
        await running.connection.execute("INSERT INTO catalog_versions (id, version) VALUES (1, 0)")


@pytest.fixture(scope="session")
def shop(settings: Settings) -> httpx.ASGITransport:
    """The whole web application in the tests' own event loop, so that handlers see a test's transaction."""
    return httpx.ASGITransport(app=create_app(settings))  # type: ignore[arg-type]


@pytest.fixture
async def browser(shop: httpx.ASGITransport) -> AsyncIterator[Browser]:
    """A signed-out visitor."""
    async with Browser(shop) as browser:
        yield browser


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Hypothesis knows no event loop, so the machine has one of its own, with a connection outside the tests' pool."""
    monkeypatch.setattr(engine(), "pool", None)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        around = transaction()
        runner.run(around.__aenter__())
        yield runner.run
        runner.run(around.rollback())
        runner.run(around.__aexit__(None, None, None))


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> None:
    """Logs as a developer reads them, for the failures that print them."""
    logs.configure(json=False)


NO_BROWSER = "Chromium is not installed: the browser journeys are skipped."


def _has_browser() -> bool:
    return shutil.which("chromium") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys; without Chromium they are skipped, except where REQUIRE_BROWSER makes that a failure."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("browser")
            if not _has_browser() and not os.environ.get("REQUIRE_BROWSER"):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _has_browser():
        terminalreporter.write_line(NO_BROWSER)
