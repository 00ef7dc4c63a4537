"""How well a provider works: trouble with it says nothing about any order."""

from domain.clock import now
from domain.dispatch.desk import Desk
from domain.dispatch.providers import ProviderDown
from models.catalog import Trouble
from models.database import fetch


async def note_trouble(provider_id: int, trouble: Trouble, note: str) -> None:
    """Hold back what would fail as well, and let staff see why."""
    await fetch(
        "UPDATE providers SET healthy = false, trouble = $2, health_note = left($3, 200), checked_at = $4 "
        "WHERE id = $1",
        provider_id,
        trouble,
        note,
        now(),
    )


async def note_success(provider_id: int, trouble: Trouble) -> None:
    """End this kind of trouble; an empty wallet is not mended by an answer to a question."""
    await fetch(
        "UPDATE providers SET healthy = true, trouble = '', health_note = '', checked_at = $3 "
        "WHERE id = $1 AND trouble = $2",
        provider_id,
        trouble,
        now(),
    )


async def check_balances(desk: Desk) -> None:
    """Ask every active provider what is left there, which also shows whether it answers at all."""
    for row in await fetch("SELECT id, key FROM providers WHERE active AND key = ANY ($1)", list(desk.providers)):
        await _check_balance(row["id"], row["key"], desk)


async def _check_balance(provider_id: int, key: str, desk: Desk) -> None:
    try:
        balance = await desk.providers[key].find_balance()
    except ProviderDown as error:
        await note_trouble(provider_id, Trouble.READING, str(error))
        return
    await fetch("UPDATE providers SET balance = $2, checked_at = $3 WHERE id = $1", provider_id, balance.amount, now())
    await note_success(provider_id, Trouble.READING)
