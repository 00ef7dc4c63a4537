"""An order held still: nobody else moves it, pays it back or notes its progress until the transaction ends."""

from dataclasses import dataclass

from models.catalog import ServiceType
from models.database import fetch_one
from models.orders import OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOrder:
    """What the rules of ending an order need to know; amounts are 10^-8 of `currency`."""

    id: int
    code: str
    account: int
    state: OrderState
    service: int
    service_name: str
    service_type: ServiceType
    quantity: int
    charge: int
    refunded: int
    currency: str
    start_count: int | None
    remains: int | None
    checks: int
    username: str
    email: str
    locale: str


_LOCK = """
SELECT o.id, o.code, o.account, o.state, o.service, o.service_name, s.type AS service_type, o.quantity,
       o.charge, o.refunded, o.currency, o.start_count, o.remains, o.checks, a.username, a.email, a.locale
  FROM orders o JOIN services s ON s.id = o.service JOIN accounts a ON a.id = o.account
 WHERE o.id = $1
   FOR NO KEY UPDATE OF o
"""


async def lock(order_id: int) -> LockedOrder:
    """Read an order and keep it locked until the running transaction ends. Raises LookupError when there is none."""
    row = await fetch_one(_LOCK, order_id)
    if row is None:
        raise LookupError(f"There is no order {order_id}.")
    values = dict(row)
    return LockedOrder(
        **values | {"state": OrderState(values["state"]), "service_type": ServiceType(values["service_type"])}
    )
