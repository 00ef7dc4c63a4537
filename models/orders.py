"""Orders: what a customer bought, and everything that happened to it."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check
from piccolo.table import Table

from models.accounts import Account
from models.catalog import Service
from models.checkout import Cart
from models.columns import currency, money, optional_time, reference


class OrderState(StrEnum):
    PLACED = "placed"  # paid and waiting to be sent
    PARKED = "parked"  # sent, but the provider's answer is unknown: a person decides
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial"
    CANCELED = "canceled"

    @classmethod
    def open_states(cls) -> tuple["OrderState", ...]:
        """Not finished: the same link may not be ordered again for the same service."""
        return (cls.PLACED, cls.PARKED, *cls.running_states())

    @classmethod
    def running_states(cls) -> tuple["OrderState", ...]:
        """With a provider that reports on it."""
        return (cls.PENDING, cls.IN_PROGRESS, cls.PROCESSING)

    @classmethod
    def final_states(cls) -> tuple["OrderState", ...]:
        return (cls.COMPLETED, cls.PARTIAL, cls.CANCELED)


class Order(Table, tablename="orders"):
    id = BigSerial(primary_key=True)
    code = Varchar(length=12, unique=True)  # what people see; says nothing about how many there are
    account = reference(Account)
    cart = reference(Cart)
    service = reference(Service)
    service_name = Varchar(length=500)  # as it was called when ordered; providers rename their services
    state = Varchar(length=20, choices=OrderState, default=OrderState.PLACED)
    link = Varchar(length=2000)
    link_key = Varchar(length=500)
    quantity = BigInt()
    fields = JSONB(default="{}")
    rate = money()  # per 1,000, or of one package, when placed
    charge = money()
    refunded = money()  # the cumulative refund; it only grows
    currency = currency()
    start_count = BigInt(null=True, default=None)
    remains = BigInt(null=True, default=None)
    placed_at = Timestamptz()
    finished_at = optional_time()
    next_check_at = optional_time()
    checks = SmallInt(default=0)  # polls since the last change, for the back-off

    quantity_is_positive = Check(quantity >= 1)
    charge_is_not_negative = Check(charge >= 0)
    refund_is_not_negative = Check(refunded >= 0)
    refund_is_at_most_the_charge = Check(refunded <= charge)


class OrderEvent(Table, tablename="order_events"):
    """One row per change of state. Rows are added, never edited."""

    id = BigSerial(primary_key=True)
    order = reference(Order)
    state = Varchar(length=20, choices=OrderState)
    actor = Varchar(length=20)  # "customer", "worker", "staff"
    note = Text()
    happened_at = Timestamptz()
