"""`make run`: the whole shop on this machine. Embedded database, migrations, seed, then web, worker and sandbox."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import httpx
from honcho.environ import parse_procfile
from honcho.manager import Manager

import seeds
import settings
from models.engine import embedded_url
from models.migrate import migrate
from settings import ROOT

INTERRUPTED = 130  # what honcho makes of SIGINT
READY_WITHIN = 60  # seconds; a cold start imports 1,200 services


def main() -> int:
    """Run until Ctrl-C, which is no failure. Otherwise the exit code is that of the first process that ended."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
    configuration = settings.current()
    # One process owns the embedded server, so that it stops last and only once.
    environment["DATABASE_URL"] = configuration.database_url or embedded_url(configuration.data_dir)
    asyncio.run(_prepare())
    manager = Manager()
    procfile = parse_procfile((ROOT / "Procfile").read_text())
    for name in ("sandbox", "web", "worker"):
        manager.add_process(name, _with_this_python(procfile.processes[name]), env=environment, cwd=str(ROOT))
    threading.Thread(target=_announce, args=(configuration,), daemon=True).start()
    manager.loop()
    return 0 if manager.returncode == INTERRUPTED else int(manager.returncode or 0)


async def _prepare() -> None:
    await migrate()
    await seeds.plant()


def _with_this_python(command: str) -> str:
    return command.replace("python ", f"exec {sys.executable} ", 1)


def _announce(configuration: settings.Settings) -> None:
    """Print where everything is once it answers."""
    sandbox = f"http://127.0.0.1:{os.environ.get('SANDBOX_PORT', '8100')}"
    if _answers(f"{configuration.base_url}/readyz") and _answers(f"{sandbox}/inbox"):
        lines = (
            "",
            f"  Upfront is open at    {configuration.base_url}",
            f"  Mails arrive at       {sandbox}/inbox",
            f"  Faults are switched   {sandbox}/faults",
            *(f"  {line}" for line in seeds.sign_ins()),
            "  Ctrl-C stops everything; the data stays in " + str(Path(configuration.data_dir)),
            "",
        )
        print("\n".join(lines), flush=True)


def _answers(url: str) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).is_success:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    return False


if __name__ == "__main__":
    sys.exit(main())
