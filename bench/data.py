"""A database with 10,000 services and customers whose carts wait to be placed, written with plain SQL."""

from dataclasses import dataclass

import asyncpg

SERVICES = 10_000
CATEGORIES = 200
CUSTOMERS = 4_000

_CATEGORIES = """
INSERT INTO categories (name, platform, position)
SELECT 'Platform ' || (n % 8) || ' | Campaign kind ' || n, (ARRAY['instagram','youtube','tiktok','facebook',
       'telegram','spotify','twitter','website'])[n % 8 + 1], n FROM generate_series(1, $1) n
"""
_SERVICES = """
INSERT INTO services
       (category, name, description, type, state, rate, min_quantity, max_quantity, refill, cancel, position)
SELECT 1 + n % $2,
       'Sponsored reach in segment ' || n || ' | ' || (ARRAY['Worldwide','Europe','Brazil','India'])[n % 4 + 1]
       || ' | high retention, daily start', 'Shown to people who asked for it.', 'Default', 'on_sale',
       100000 * (n % 997 + 1), 100, 1000000, n % 3 = 0, n % 2 = 0, n FROM generate_series(1, $1) n
"""
_ACCOUNTS = """
INSERT INTO accounts (username, username_key, email, email_key, email_confirmed_at, terms_version, policy_version)
SELECT 'bench' || n, 'bench' || n, 'bench' || n || '@example.com', 'bench' || n || '@example.com', now(), 1, 1
  FROM generate_series(1, $1) n
"""
_CREDENTIALS = "INSERT INTO credentials (account, kind, secret) SELECT id, 'password', $1 FROM accounts"
_SESSIONS = """
INSERT INTO sessions (token_hash, account, expires_at)
SELECT sha256(convert_to('bench-token-' || id, 'UTF8')), id, now() + interval '1 day' FROM accounts
"""
_WALLETS = """
WITH wallets AS (
    INSERT INTO ledger_accounts (kind, owner, currency, balance, version)
    SELECT 'wallet', id, 'USD', 100000000000, 1 FROM accounts RETURNING id, balance
), own AS (
    INSERT INTO ledger_accounts (kind, processor, currency) VALUES ('clearing', 'bench', 'USD') RETURNING id
), revenue AS (
    INSERT INTO ledger_accounts (kind, processor, currency) VALUES ('revenue', '', 'USD')
), moved AS (
    INSERT INTO ledger_transactions (cause, kind, reference) VALUES ('bench:top_up', 'top_up', 'bench') RETURNING id
)
INSERT INTO ledger_entries (transaction, account, amount, currency, balance_after, version)
SELECT moved.id, wallets.id, wallets.balance, 'USD', wallets.balance, 1 FROM wallets, moved
 UNION ALL
SELECT moved.id, own.id, -(SELECT sum(balance) FROM wallets)::bigint, 'USD', NULL, NULL FROM own, moved
"""
_CARTS = "INSERT INTO carts (account, state) SELECT id, 'open' FROM accounts"
_LINES = """
INSERT INTO cart_lines (cart, service, link, link_key, quantity, seen_rate)
SELECT c.id, s.id, 'https://example.com/p/' || c.id, 'example.com/p/' || c.id, 1000, s.rate
  FROM carts c JOIN services s ON s.id = 1 + c.id % $1 WHERE c.state = 'open'
"""
_ORDERS = """
INSERT INTO orders (code, account, cart, service, service_name, state, link, link_key, quantity, rate, charge, currency)
SELECT 'BENCH' || n, 1, 1, 1 + n, 'Service ' || n, 'completed', 'https://example.com/o/' || n, 'example.com/o/' || n,
       1000, 1000000, 1000000, 'USD' FROM generate_series(1, 50) n
"""


@dataclass(frozen=True, slots=True)
class Customer:
    """One account of the bench, as its browser sees it."""

    id: int

    @property
    def token(self) -> str:
        return f"bench-token-{self.id}"

    @property
    def username(self) -> str:
        return f"bench{self.id}"


PASSWORD = "correct horse battery staple bench"


async def fill(url: str, password_hash: str) -> None:
    """Write everything; the catalogue's version moves so that the snapshot is built from it."""
    database = await asyncpg.connect(url)
    await database.execute(_CATEGORIES, CATEGORIES)
    await database.execute(_SERVICES, SERVICES, CATEGORIES)
    await database.execute("UPDATE catalog_versions SET version = version + 1")
    await database.execute(_ACCOUNTS, CUSTOMERS)
    await database.execute(_CREDENTIALS, password_hash)
    for statement in (_SESSIONS, _WALLETS, _CARTS):
        await database.execute(statement)
    await database.execute(_LINES, SERVICES)
    await database.execute("INSERT INTO carts (account, state) VALUES (1, 'ordered')")
    await database.execute(_ORDERS)
    await database.execute("ANALYZE")
    await database.close()


@dataclass(frozen=True, slots=True)
class OpenCart:
    """A cart of one line that its customer may order."""

    id: int
    revision: int
    customer: Customer


async def refill_carts(url: str) -> list[OpenCart]:
    """Give every customer a new cart with a link of its own."""
    database = await asyncpg.connect(url)
    await database.execute("UPDATE carts SET state = 'abandoned' WHERE state = 'open'")
    await database.execute(_CARTS)
    await database.execute(_LINES, SERVICES)
    rows = await database.fetch("SELECT id, revision, account FROM carts WHERE state = 'open' ORDER BY id")
    await database.close()
    return [OpenCart(row["id"], row["revision"], Customer(row["account"])) for row in rows]


async def count_orders(url: str) -> int:
    database = await asyncpg.connect(url)
    number: int = await database.fetchval("SELECT count(*) FROM orders")
    await database.close()
    return number
