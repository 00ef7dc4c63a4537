"""The account page: who somebody is to the shop, and what they chose."""

from dataclasses import dataclass
from datetime import datetime

from domain.clock import now
from domain.errors import NotFound
from domain.i18n import gettext as _
from models.database import fetch, fetch_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    username: str
    email: str
    email_confirmed_at: datetime | None
    created_at: datetime
    marketing_since: datetime | None


_FIND = "SELECT username, email, email_confirmed_at, created_at, marketing_since FROM accounts WHERE id = $1"


async def find_profile(account_id: int) -> Profile:
    """Raises NotFound."""
    row = await fetch_one(_FIND, account_id)
    if row is None:
        raise NotFound(_("There is no such account."))
    return Profile(**row)


# Saying yes twice keeps the first time: that is when the consent was given.
_CHOOSE = "UPDATE accounts SET marketing_since = CASE WHEN $2 THEN coalesce(marketing_since, $3) END WHERE id = $1"


async def choose_marketing(account_id: int, *, wanted: bool) -> None:
    """Turn letters about new services on or off; letters about orders and payments are not concerned."""
    await fetch(_CHOOSE, account_id, wanted, now())
