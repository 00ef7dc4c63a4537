"""Brings the database to the newest schema: `python -m models.migrate`. Safe to run from several machines at once."""

import asyncio

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries
from piccolo.apps.migrations.commands.forwards import run_forwards

from models.database import engine
from models.engine import connect

# Any number that no other program on this database uses: "upfront" in ASCII, cut to 63 bits.
MIGRATION_LOCK = 0x757066726F6E74


async def migrate() -> None:
    """Apply the shop's migrations, then install or upgrade the job queue's own tables."""
    guard = await connect(engine().dsn)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        result = await run_forwards(app_name="shop")
        if not result.success:
            raise RuntimeError(f"Migration failed: {result.message}")
        queue = Queries(AsyncpgDriver(guard))
        if await queue.schema_is_installed():
            await queue.apply_upgrade()
        else:
            await queue.install()
    finally:
        await guard.close()


if __name__ == "__main__":
    asyncio.run(migrate())
