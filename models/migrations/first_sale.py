"""The tables of the first sale."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from models.database import run_script

ID = "2026-11-22T17:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The first sale: catalogue, accounts, carts, orders, dispatches, ledger, payments, letters"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="shop", description=DESCRIPTION)
    script = Path(__file__).with_suffix(".sql").read_text()

    async def run() -> None:
        await run_script(script)

    manager.add_raw(run)
    return manager
