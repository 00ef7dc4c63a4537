"""How far an order is at a moment: a pure function of its row and the time, so that nothing has to tick."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox import money

PENDING = 4.0  # seconds at speed 1 until work begins
SHORTEST, SPREAD = 15, 11  # an order takes 15 to 25 seconds, depending on its number
CANCEL_DELAY = 3.0  # seconds at speed 1 until a requested cancel takes effect
STUCK_AT = Decimal("0.37")  # the share delivered by an order that never ends

TERMINAL = {"Completed", "Partial", "Canceled"}


@dataclass(frozen=True)
class Order:
    id: int
    public_id: str
    service: int
    link: str
    quantity: int
    charge: Decimal
    placed_at: float
    starts_at: float
    start_count: int
    outcome: str  # completed, partial, canceled, canceled_zero or never
    outcome_remains: str | None
    canceled_at: float | None
    parent: int | None
    runs: int
    settled: bool

    @property
    def is_dripfeed(self) -> bool:
        return self.runs > 1


@dataclass(frozen=True)
class Progress:
    status: str
    start_count: int
    remains: str
    returned: Decimal  # the part of the charge that goes back to the reseller

    @property
    def is_final(self) -> bool:
        return self.status in TERMINAL


def duration(order: Order) -> int:
    """Seconds at speed 1 from the start to the end."""
    return SHORTEST + order.id * 7 % SPREAD


def progress(order: Order, *, now: float, speed: float) -> Progress:
    elapsed = (now - order.starts_at) * speed
    if order.canceled_at is not None and (now - order.canceled_at) * speed >= CANCEL_DELAY:
        return _canceled(order, (order.canceled_at - order.starts_at) * speed)
    if elapsed < PENDING:
        return Progress("Pending", 0, str(order.quantity), Decimal(0))
    if order.outcome == "never":
        delivered = min(_delivered(order, elapsed), int(order.quantity * STUCK_AT))
        return Progress("In progress", order.start_count, str(order.quantity - delivered), Decimal(0))
    if order.outcome.startswith("canceled") and elapsed >= duration(order) / 2:
        remains = "0" if order.outcome == "canceled_zero" else str(order.quantity)
        return Progress("Canceled", order.start_count, remains, order.charge)
    if elapsed >= duration(order):
        return _ended(order)
    left = order.quantity - _delivered(order, elapsed)
    return Progress("In progress", order.start_count, str(left), Decimal(0))


def _ended(order: Order) -> Progress:
    if order.outcome != "partial":
        return Progress("Completed", order.start_count, "0", Decimal(0))
    remains = order.outcome_remains or str(order.quantity // 2)
    number = money.parse(remains)
    returned = money.share_of(order.charge, int(number), order.quantity) if number is not None else Decimal(0)
    return Progress("Partial", order.start_count, remains, returned)


def _canceled(order: Order, elapsed: float) -> Progress:
    """What was delivered until the cancel was asked for is kept and paid."""
    delivered = _delivered(order, elapsed) if elapsed >= PENDING else 0
    if delivered == 0:
        return Progress("Canceled", 0, str(order.quantity), order.charge)
    remains = order.quantity - delivered
    return Progress("Partial", order.start_count, str(remains), money.share_of(order.charge, remains, order.quantity))


def _delivered(order: Order, elapsed: float) -> int:
    whole = order.quantity
    if order.outcome == "partial" and (order.outcome_remains or "").isdigit():
        whole = max(0, order.quantity - int(order.outcome_remains or 0))
    share = (elapsed - PENDING) / (duration(order) - PENDING)
    return min(whole, int(whole * min(max(share, 0.0), 1.0)))
