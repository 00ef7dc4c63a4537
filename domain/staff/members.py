"""Who is staff: the first owner is appointed from the command line of the server, where nobody else reaches."""

from domain.clock import now
from domain.errors import NotFound
from domain.i18n import gettext as _
from models.accounts import Account, StaffRole
from models.database import fetch, transaction

# A member who had left comes back with the new role.
_APPOINT = """
INSERT INTO staff_members (account, role, active, created_at) VALUES ($1, $2, true, $3)
ON CONFLICT (account) DO UPDATE SET role = excluded.role, active = true
"""


async def appoint(username: str, *, role: StaffRole) -> None:
    """Make an existing account staff. Raises NotFound."""
    async with transaction():
        account = await Account.objects().get(Account.username_key == username.casefold())
        if account is None:
            raise NotFound(_("There is no account with that username."))
        await fetch(_APPOINT, account.id, role, now())
