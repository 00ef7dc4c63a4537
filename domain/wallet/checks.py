"""Proof that the ledger adds up: each rule is one query that must find nothing."""

from dataclasses import dataclass

import structlog

from models.database import fetch

log = structlog.get_logger("wallet")

_RULES = {
    "a transaction has two sides that sum to zero in each currency": """
        SELECT t.cause AS subject FROM ledger_transactions t
          LEFT JOIN ledger_entries e ON e.transaction = t.id
         GROUP BY t.id, t.cause, e.currency HAVING count(e.id) < 2 OR sum(e.amount) <> 0
    """,
    "a wallet's balance is the sum of its entries": """
        SELECT w.id::text AS subject FROM ledger_accounts w
          LEFT JOIN ledger_entries e ON e.account = w.id
         WHERE w.kind = 'wallet' GROUP BY w.id HAVING w.balance <> coalesce(sum(e.amount), 0)
    """,
    "a wallet's balance is what its last entry left": """
        SELECT w.id::text AS subject FROM ledger_accounts w
          JOIN ledger_entries e ON e.account = w.id AND e.version = w.version
         WHERE w.kind = 'wallet' AND w.balance <> e.balance_after
    """,
    "every entry leaves the balance before it plus its amount": """
        SELECT account::text AS subject FROM (
            SELECT e.account, e.amount, e.balance_after,
                   lag(e.balance_after, 1, 0::bigint) OVER (PARTITION BY e.account ORDER BY e.version) AS before
              FROM ledger_entries e WHERE e.version IS NOT NULL
        ) steps WHERE balance_after <> before + amount
    """,
    "a wallet's versions have no gap": """
        SELECT w.id::text AS subject FROM ledger_accounts w
          LEFT JOIN ledger_entries e ON e.account = w.id
         WHERE w.kind = 'wallet' GROUP BY w.id
        HAVING w.version <> count(e.id) OR w.version <> coalesce(max(e.version), 0)
    """,
    "a year's receipts have no gap": """
        SELECT c.year::text AS subject FROM receipt_counters c
         WHERE c.last_number <> (SELECT count(*) FROM receipts r WHERE r.number LIKE 'R-' || c.year || '-%')
    """,
    # A person may have credited what arrived instead of what was asked.
    "a paid payment has one top-up of its amount, or of what a person decided": """
        SELECT p.code AS subject FROM payments p
          LEFT JOIN receipts r ON r.payment = p.id
          LEFT JOIN ledger_transactions t ON t.cause = 'payment:' || p.id || ':top_up'
          LEFT JOIN ledger_entries e ON e.transaction = t.id AND e.version IS NOT NULL
         WHERE (p.state = 'paid') <> (t.id IS NOT NULL) OR e.amount <> r.amount
            OR (e.amount <> p.amount AND p.decided_at IS NULL)
    """,
}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A rule that does not hold, and where: a transaction's cause, a ledger account's id, a year, a payment's code."""

    rule: str
    subject: str


async def check_ledger() -> list[Discrepancy]:
    """Every place where the books do not add up; an empty list is the only good answer."""
    return [Discrepancy(rule, row["subject"]) for rule, query in _RULES.items() for row in await fetch(query)]


async def audit_ledger() -> None:
    """Check the books and raise an alarm for every place where they do not add up; for the worker's schedule."""
    for discrepancy in await check_ledger():
        log.error("ledger_does_not_add_up", rule=discrepancy.rule, subject=discrepancy.subject)
