"""Starting an attempt: the provider is chosen and the intention saved before anything leaves the shop."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from asyncpg import Record

from domain import money
from domain.catalog.types import FIELDS, Billing
from domain.clock import now
from domain.dispatch.cases import open_case, unsent_cause
from domain.dispatch.desk import SEND_PACE, Desk
from domain.dispatch.providers import OrderRequest, Reason
from models.catalog import ServiceType, Trouble
from models.database import fetch_one, fetch_value, transaction
from models.dispatch import CaseKind
from models.orders import OrderState

# A provider that refused to take orders is tried again with one of them after this long.
HALF_OPEN_AFTER = timedelta(seconds=30)
# A customer has then waited long enough for a person to look.
UNSENT_FOR_CASE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One started dispatch, committed, whose call may now be made."""

    dispatch_id: int
    order_id: int
    service_id: int
    provider_id: int
    provider_key: str
    request: OrderRequest


_ORDER = """
SELECT o.id, o.state, o.service, o.link, o.quantity, o.fields, s.type
  FROM orders o JOIN services s ON s.id = o.service WHERE o.id = $1 FOR NO KEY UPDATE OF o
"""
_INSERT = """
INSERT INTO dispatches ("order", provider, provider_service, state, expected_cost, started_at)
VALUES ($1, $2, $3, 'started', $4, $5)
ON CONFLICT ("order") WHERE state IN ('started', 'accepted', 'unknown') DO NOTHING
RETURNING id
"""


async def start(order_id: int, desk: Desk) -> Attempt | None:
    """Save the intention to send a placed order and commit it.

    None when there is nothing to send: the order moved on, an attempt is under way (or was when its worker died), or
    no provider takes it now, in which case it is tried again later.
    """
    async with transaction():
        order = await fetch_one(_ORDER, order_id)
        if order is None or order["state"] != OrderState.PLACED:
            return None
        choice = await find_choice(order_id, order["service"], desk.providers.keys())
        if choice is None:
            await postpone(order_id)
            return None
        return await _attempt(order, choice)


async def _attempt(order: Record, choice: "Choice") -> Attempt | None:
    kind = ServiceType(order["type"])
    packaged = FIELDS[kind].billing == Billing.PACKAGE
    cost = choice.cost if packaged else money.charge(choice.cost, order["quantity"])
    # The index of live attempts is the lock: where one has started, no second one can.
    dispatch_id = await fetch_value(_INSERT, order["id"], choice.provider, choice.id, cost, now())
    if dispatch_id is None:
        return None
    return Attempt(
        dispatch_id=dispatch_id,
        order_id=order["id"],
        service_id=order["service"],
        provider_id=choice.provider,
        provider_key=choice.key,
        request=OrderRequest(
            external_service_id=choice.external_id,
            type=kind,
            link=order["link"],
            quantity=order["quantity"],
            fields=msgspec.json.decode(order["fields"], type=dict[str, str]),
        ),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider's service that could carry an order out; `cost` is 10^-8 of its currency."""

    id: int
    provider: int
    key: str
    external_id: str
    cost: int


_CHOOSE = """
SELECT ps.id, ps.provider, p.key, ps.external_id, ps.cost
  FROM provider_services ps JOIN providers p ON p.id = ps.provider
 WHERE ps.service = $2 AND ps.listed AND p.active AND p.key = ANY ($3)
   AND (p.healthy OR p.trouble = $4 AND p.checked_at < $5)
   AND NOT EXISTS (SELECT FROM dispatches d WHERE d."order" = $1 AND d.provider_service = ps.id AND d.reason = $6)
 ORDER BY ps.priority, ps.cost, ps.id LIMIT 1
"""


async def find_choice(order_id: int, service_id: int, keys: Collection[str]) -> Choice | None:
    """The provider's service to send an order to: first by priority, then by cost, never one that refused it before."""
    row = await fetch_one(
        _CHOOSE, order_id, service_id, list(keys), Trouble.SENDING, now() - HALF_OPEN_AFTER, Reason.SERVICE
    )
    return Choice(**row) if row else None


_POSTPONE = """
UPDATE orders SET checks = least(checks + 1, 1000), next_check_at = $2 WHERE id = $1 AND state = 'placed'
RETURNING code, placed_at
"""


async def postpone(order_id: int) -> None:
    """Leave an order placed and let the schedule send it later.

    The pauses grow, and it is never given up; a day after it was placed a person is told, once.
    """
    tries = await fetch_value("SELECT checks FROM orders WHERE id = $1", order_id)
    waiting = await fetch_one(_POSTPONE, order_id, now() + SEND_PACE.after(tries))
    if waiting and now() - waiting["placed_at"] >= UNSENT_FOR_CASE:
        await open_case(CaseKind.UNSENT_ORDER, unsent_cause(order_id), "unsent", {"order": waiting["code"]})
