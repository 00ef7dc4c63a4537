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


@dataclass(frozen=True, slots=True)
class Purchase:
    """What one account orders out of one cart."""

    account_id: int
    cart_id: int
    lines: Sequence[OrderLine]


async def place(account_id: int, *, cart_id: int, lines: Sequence[OrderLine], currency: str) -> list[PlacedOrder]:
    """Turn paid lines into orders, in the caller's transaction: orders, events, charges and jobs commit together.

    Raises ActiveLink or wallet.InsufficientFunds; the caller's transaction must then end without a commit.
    """
    [placed] = await place_each([Purchase(account_id, cart_id, lines)], currency=currency)
    return placed


async def place_each(purchases: Sequence[Purchase], *, currency: str) -> list[list[PlacedOrder]]:
    """The same for several customers, in as many statements as for one; when one of them cannot, none can."""
    orders = await _insert(purchases, currency)
    charges: dict[int, list[Charge]] = {purchase.account_id: [] for purchase in purchases}
    for purchase, placed in zip(purchases, orders, strict=True):
        charges[purchase.account_id] += [Charge(f"order:{one.id}:charge", one.code, one.charge) for one in placed]
    await wallet.charge_each(charges, currency=currency)
    await enqueue(Job.DISPATCH_ORDER, *(order.id for placed in orders for order in placed))
    return orders


# The open-link index decides: of two orders on one link the second finds no row to insert. It waits for the first to
# commit, so everybody inserts in one order: two carts with the same links would wait for each other otherwise.
_INSERT = """
WITH lines AS (
    SELECT * FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[],
                         $11::bigint[], $12::text[], $13::bigint[], $14::bigint[]) WITH ORDINALITY
        AS line (code, account, cart, service, service_name, link, link_key, quantity, fields, rate, charge, position)
), placed AS (
    INSERT INTO orders (code, account, cart, service, service_name, state, link, link_key, quantity, fields, rate,
                        charge, currency, placed_at, next_check_at)
    SELECT code, account, cart, service, service_name, 'placed', link, link_key, quantity, fields::jsonb, rate,
           charge, $1, $2, $3
      FROM lines ORDER BY service, link_key, position
    ON CONFLICT (service, md5(link_key)) WHERE state IN ('placed', 'parked', 'pending', 'in_progress', 'processing')
        DO NOTHING
    RETURNING id, code, charge
), noted AS (
    INSERT INTO order_events ("order", state, actor, note, happened_at)
    SELECT id, 'placed', 'customer', '', $2 FROM placed
)
SELECT id, code, charge FROM placed
"""


async def _insert(purchases: Sequence[Purchase], currency: str) -> list[list[PlacedOrder]]:
    lines = [(purchase, line, new_code()) for purchase in purchases for line in purchase.lines]
    moment = now()
    columns = (
        [code for _purchase, _line, code in lines],
        [purchase.account_id for purchase, _line, _code in lines],
        [purchase.cart_id for purchase, _line, _code in lines],
        [line.service_id for _purchase, line, _code in lines],
        [line.service_name for _purchase, line, _code in lines],
        [line.link for _purchase, line, _code in lines],
        [line.link_key for _purchase, line, _code in lines],
        [line.quantity for _purchase, line, _code in lines],
        [json.dumps(dict(line.fields), ensure_ascii=False) for _purchase, line, _code in lines],
        [line.rate for _purchase, line, _code in lines],
        [line.charge for _purchase, line, _code in lines],
    )
    rows = await fetch(_INSERT, currency, moment, moment + SEND_AGAIN_AFTER, *columns)
    placed = {row["code"]: PlacedOrder(**row) for row in rows}
    for _purchase, line, code in lines:
        if code not in placed:
            raise ActiveLink(line.link)
    codes = iter(code for _purchase, _line, code in lines)
    return [[placed[next(codes)] for _line in purchase.lines] for purchase in purchases]
