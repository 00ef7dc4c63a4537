"""Placing orders: paid lines of a cart become orders, all of them or none."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain import wallet
from domain.clock import now
from domain.errors import Refused
from domain.i18n import gettext as _
from domain.jobs import Job, enqueue
from domain.orders.codes import new_code
from domain.wallet import Charge
from models.database import fetch

# The job sends an order at once; should the job be lost, the schedule looks after the order from then on.
SEND_AGAIN_AFTER = timedelta(minutes=5)


class ActiveLink(Refused):
    """An order of the same service on the same link is not finished (API v2 contract, chapter 9, rule 9)."""

    def __init__(self, link: str) -> None:
        message = _("An order of this service for %(link)s is still under way. Order again when it is finished.")
        super().__init__(message % {"link": link})
        self.link = link


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """What one order will be. `rate` (per 1,000, or of one package) and `charge` are 10^-8 of the currency."""

    service_id: int
    service_name: str
    link: str
    link_key: str
    quantity: int
    fields: Mapping[str, str]
    rate: int
    charge: int


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    id: int
    code: str
    charge: int  # 10^-8


# The open-link index decides: of two orders on one link the second finds no row to insert.
_INSERT = """
WITH lines AS (
    SELECT * FROM unnest($6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::text[], $12::bigint[],
                         $13::bigint[]) WITH ORDINALITY
        AS line (code, service, link, link_key, quantity, fields, rate, charge, position)
), placed AS (
    INSERT INTO orders (code, account, cart, service, state, link, link_key, quantity, fields, rate, charge, currency,
                        placed_at, next_check_at)
    SELECT code, $1, $2, service, 'placed', link, link_key, quantity, fields::jsonb, rate, charge, $3, $4, $5
      FROM lines ORDER BY position
    ON CONFLICT (service, md5(link_key)) WHERE state IN ('placed', 'parked', 'pending', 'in_progress', 'processing')
        DO NOTHING
    RETURNING id, code, charge
), noted AS (
    INSERT INTO order_events ("order", state, actor, note, happened_at)
    SELECT id, 'placed', 'customer', '', $4 FROM placed
)
SELECT id, code, charge FROM placed ORDER BY id
"""


async def place(account_id: int, *, cart_id: int, lines: Sequence[OrderLine], currency: str) -> list[PlacedOrder]:
    """Turn paid lines into orders, in the caller's transaction: orders, events, charges and jobs commit together.

    Raises ActiveLink or wallet.InsufficientFunds; the caller's transaction must then end without a commit.
    """
    placed = await _insert(account_id, cart_id, lines, currency)
    charges = [Charge(cause=f"order:{order.id}:charge", reference=order.code, amount=order.charge) for order in placed]
    await wallet.charge(account_id, charges, currency=currency)
    await enqueue(Job.DISPATCH_ORDER, *(order.id for order in placed))
    return placed


async def _insert(account_id: int, cart_id: int, lines: Sequence[OrderLine], currency: str) -> list[PlacedOrder]:
    codes = [new_code() for _line in lines]
    moment = now()
    columns = (
        codes,
        [line.service_id for line in lines],
        [line.link for line in lines],
        [line.link_key for line in lines],
        [line.quantity for line in lines],
        [json.dumps(dict(line.fields), ensure_ascii=False) for line in lines],
        [line.rate for line in lines],
        [line.charge for line in lines],
    )
    rows = await fetch(_INSERT, account_id, cart_id, currency, moment, moment + SEND_AGAIN_AFTER, *columns)
    if len(rows) < len(lines):
        taken = {row["code"] for row in rows}
        raise ActiveLink(next(line.link for code, line in zip(codes, lines, strict=True) if code not in taken))
    return [PlacedOrder(**row) for row in rows]
