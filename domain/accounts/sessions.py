"""Sessions: an opaque random token in the browser, its hash in the database, rotated at sign-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from domain.clock import now
from models.accounts import Session
from models.database import fetch, fetch_one

LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SessionView:
    """What every page needs of a session, read in one query."""

    id: int
    theme: str
    account_id: int | None
    username: str
    email: str
    email_confirmed_at: datetime | None
    staff_id: int | None
    staff_role: str
    balance: int | None  # 10^-8; None when signed out
    cart_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is knocking: the session they bring, if any, and the network address they come from."""

    session_id: int | None
    theme: str
    address: str


def hash_token(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def begin(account_id: int | None = None, *, theme: str = "auto") -> str:
    """Open a session and return its token, 256 random bits that are stored nowhere."""
    token = token_urlsafe(32)
    moment = now()
    await Session(
        token_hash=hash_token(token),
        account=account_id,
        theme=theme,
        created_at=moment,
        expires_at=moment + LIFETIME,
    ).save()
    return token


# Two counts instead of one with a condition: each then has an index, where the one would read every cart there is.
_FIND = """
SELECT s.id, s.theme, s.account AS account_id, coalesce(a.username, '') AS username, coalesce(a.email, '') AS email,
       a.email_confirmed_at, m.id AS staff_id, coalesce(m.role, '') AS staff_role,
       CASE WHEN a.id IS NOT NULL THEN coalesce(w.balance, 0) END AS balance,
       CASE WHEN s.account IS NULL
            THEN (SELECT count(*) FROM carts c JOIN cart_lines l ON l.cart = c.id
                   WHERE c.session = s.id AND c.account IS NULL AND c.state = 'open')
            ELSE (SELECT count(*) FROM carts c JOIN cart_lines l ON l.cart = c.id
                   WHERE c.account = s.account AND c.state = 'open') END::int AS cart_count
  FROM sessions s
  LEFT JOIN accounts a ON a.id = s.account AND a.state <> 'closed'
  LEFT JOIN staff_members m ON m.account = a.id AND m.active
  LEFT JOIN ledger_accounts w ON w.owner = a.id AND w.kind = 'wallet' AND w.currency = $2
 WHERE s.token_hash = $1 AND s.expires_at > $3
"""


async def find(token: str, *, currency: str) -> SessionView | None:
    """The session behind a cookie, with its account; None when it is unknown or has expired."""
    row = await fetch_one(_FIND, hash_token(token), currency, now())
    return SessionView(**row) if row else None


async def end(session_id: int) -> None:
    """Forget a session at once; its token opens nothing any more. Carts keep no trace of it but their rows."""
    await Session.update({Session.expires_at: now()}).where(Session.id == session_id)


async def end_all(account_id: int, *, but: int | None = None) -> None:
    """Sign an account out everywhere, except for session `but`."""
    query = Session.update({Session.expires_at: now()}).where(Session.account == account_id)
    await (query.where(Session.id != but) if but is not None else query)


async def choose_theme(session_id: int, theme: str) -> None:
    await Session.update({Session.theme: theme}).where(Session.id == session_id)


_SWEEP = """
DELETE FROM sessions s WHERE s.expires_at < $1 AND NOT EXISTS (SELECT FROM carts c WHERE c.session = s.id)
"""


async def sweep() -> None:
    """Delete sessions a day after they ended, unless a cart still hangs from one."""
    await fetch(_SWEEP, now() - timedelta(days=1))
