"""Orders as staff see them: every customer's, with each attempt to hand them to a provider."""

import json
from dataclasses import dataclass
from typing import cast

from piccolo.columns.combination import Where, WhereRaw

from domain.checkout import links
from domain.errors import Invalid, NotFound
from domain.i18n import gettext as _
from domain.staff.access import log_access
from domain.staff.lists import Page, Row, read_page, rows_of
from models.accounts import Account
from models.database import fetch_one, transaction
from models.orders import Order, OrderState
from models.staff import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """All there is about one order; the newest events and attempts first."""

    order: Row
    events: list[Row]
    dispatches: list[Row]
    payments: list[Row]
    cases: list[Row]


async def list_orders(*, state: OrderState | None = None, search: str = "", before: int | None = None) -> Page:
    """Orders of everybody. `search` is a customer's username, an order's code, or a link in any spelling."""
    query = Order.select(
        Order.id,
        Order.code,
        Order.state,
        Order.quantity,
        Order.charge,
        Order.refunded,
        Order.placed_at,
        Order.service.name.as_alias("service"),
        Order.account.username.as_alias("customer"),
    )
    if state is not None:
        query = query.where(Order.state == state)
    if search:
        query = query.where(await _matches(search))
    return await read_page(query, Order, before=before)


async def find_order(code: str, *, staff_id: int) -> OrderFile:
    """Open one order, and log that this member of staff did. Raises NotFound."""
    async with transaction():
        order = await fetch_one(_FIND, code)
        if order is None:
            raise NotFound(_("There is no such order."))
        await log_access(staff_id, order["account"], what=Seen.ORDER, reference=code)
    return OrderFile(
        order={**order, "fields": json.loads(order["fields"])},
        events=await rows_of(_EVENTS, order["id"]),
        dispatches=await rows_of(_DISPATCHES, order["id"]),
        payments=await rows_of(_PAYMENTS, order["cart"]),
        cases=await rows_of(_CASES, order["id"]),
    )


async def _matches(search: str) -> Where | WhereRaw:
    """One condition that an index answers: an OR of all three would read a million orders."""
    account = await Account.select(Account.id).where(Account.username_key == search.casefold()).first()
    if account is not None:
        return cast(Where, Order.account == account["id"])
    try:
        key = links.parse(search).key
    except Invalid:
        return Order.code == search.upper()
    return WhereRaw("md5(orders.link_key) = md5({})", key)


_FIND = """
SELECT o.*, s.name AS service_name, s.type AS service_type, a.username, a.email, a.created_at AS customer_since
  FROM orders o JOIN services s ON s.id = o.service JOIN accounts a ON a.id = o.account
 WHERE o.code = $1
"""
_EVENTS = """SELECT state, actor, note, happened_at FROM order_events WHERE "order" = $1 ORDER BY id DESC"""
_DISPATCHES = """
SELECT d.*, p.name AS provider_name, p.currency AS provider_currency, ps.external_id AS external_service
  FROM dispatches d JOIN providers p ON p.id = d.provider JOIN provider_services ps ON ps.id = d.provider_service
 WHERE d."order" = $1 ORDER BY d.id DESC
"""
_PAYMENTS = "SELECT code, state, amount FROM payments WHERE cart = $1 ORDER BY id DESC"
_CASES = """
SELECT c.id, c.state, c.summary, c.opened_at FROM cases c
 WHERE (split_part(c.cause, ':', 1), split_part(c.cause, ':', 2))
    IN (SELECT 'order', $1::bigint::text UNION ALL SELECT 'dispatch', d.id::text FROM dispatches d WHERE d."order" = $1)
 ORDER BY c.id DESC
"""
