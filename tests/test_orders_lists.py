"""The list of orders reads an index, whatever is asked of it and however many orders there are."""

import json
from itertools import product
from typing import Any

import pytest

from domain import orders
from domain.orders import OrderFilter, OrderPart
from domain.orders.lists import _LISTS, MAXIMUM, PAGE
from models.accounts import Account
from models.database import fetch, fetch_value
from tests.factories import make_account, make_cart, make_service

MANY = 21_000

_FILL = """
INSERT INTO orders (code, account, cart, service, state, link, link_key, quantity, rate, charge, currency)
SELECT lpad(to_hex(n), 10, '0'), CASE n % 2 WHEN 0 THEN $1::bigint ELSE $5::bigint END, $2, $3,
       CASE WHEN n % 1000 = 0 THEN 'pending' WHEN n % 50 = 0 THEN 'partial' ELSE 'completed' END,
       'https://example.com/' || n, 'example.com/' || n, 1000, 250000000, 250000000, 'USD'
  FROM generate_series(1, $4::int) AS n
"""


@pytest.fixture
async def collector() -> Account:
    """A customer with very many orders."""
    account, other, service = await make_account(), await make_account(), await make_service()
    await fetch(_FILL, account.id, (await make_cart(account)).id, service.id, 2 * MANY, other.id)
    await fetch("ANALYZE orders")
    return account


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


async def test_list_reads_little_more_than_a_page_from_an_index(collector: Account) -> None:
    middle = await fetch_value("SELECT id FROM orders ORDER BY id OFFSET $1 LIMIT 1", MANY)
    for only, before in product(OrderFilter, (MAXIMUM, middle)):
        plan = await fetch_value(
            f"EXPLAIN (ANALYZE, TIMING false, FORMAT json) {_LISTS[only]}", collector.id, before, PAGE + 1
        )

        [scan] = [node for node in nodes(json.loads(plan)[0]["Plan"]) if node.get("Relation Name") == "orders"]
        assert scan["Node Type"] == "Index Scan"
        assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) <= 4 * PAGE


async def test_search_stops_after_a_stretch_says_so_and_goes_on_from_there(collector: Account) -> None:
    part = await orders.list_of_account(collector.id, search="nothing like it")
    assert (part.rows, part.searched_since is not None) == ([], True)
    assert await orders.list_of_account(collector.id, search="nothing like it", before=part.next_before or 0) == (
        OrderPart([], None)
    )

    found: list[str] = []
    before = MAXIMUM
    while before:
        part = await orders.list_of_account(collector.id, search="example.com/7", before=before)
        found, before = found + [row.link for row in part.rows], part.next_before or 0
    assert found == [f"https://example.com/{n}" for n in range(2 * MANY, 0, -2) if str(n).startswith("7")]
