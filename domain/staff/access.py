"""The access log: a row for each time staff open somebody's data (promise P14), and how an address is masked."""

from domain.clock import now
from models.database import fetch
from models.staff import Seen

MASK = "•••"


async def log_access(staff_id: int, account_id: int, *, what: Seen, reference: str) -> None:
    """Note that a member of staff opened a page about this account; `reference` says which one."""
    await fetch(
        "INSERT INTO access_log (staff_member, account, what, reference, at) VALUES ($1, $2, $3, $4, $5)",
        staff_id,
        account_id,
        what,
        reference,
        now(),
    )


def mask_email(address: str) -> str:
    """Enough of an address to recognise it in a conversation, and too little to write to it."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}{MASK}@{domain}"
