"""Payments: each attempt to pay a given amount through one processor, and what the processor told us."""

from enum import StrEnum

from piccolo.columns import BigSerial, Bytea, Integer, SmallInt, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check
from piccolo.table import Table

from models.accounts import Account
from models.checkout import Cart
from models.columns import currency, money, optional_time, reference


class PaymentState(StrEnum):
    CREATED = "created"  # saved before the processor is called
    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    REVIEW = "review"  # paid, but not what was asked: a case

    @classmethod
    def open_states(cls) -> tuple["PaymentState", ...]:
        return (cls.CREATED, cls.PENDING, cls.PROCESSING)

    @classmethod
    def soft_final_states(cls) -> tuple["PaymentState", ...]:
        """A late payment that the processor confirms may still move these."""
        return (cls.FAILED, cls.EXPIRED)


class PaymentNote(StrEnum):
    """Why a payment moved, where its state alone does not say it; staff read it as a sentence."""

    DECLINED = "declined"
    REFUSED = "refused"  # the processor would not make the payment
    NO_ANSWER = "no_answer"
    LATE = "late"  # paid after it had failed or expired
    DIFFERENT = "different"  # another payment, sum or currency than was asked for
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    REVERSED = "reversed"  # refunded or charged back at the processor
    CREDITED_AS_ASKED = "credited_as_asked"  # by a person, as the next two
    CREDITED_AS_ARRIVED = "credited_as_arrived"
    NOT_CREDITED = "not_credited"


class Payment(Table, tablename="payments"):
    id = BigSerial(primary_key=True)
    code = Varchar(length=20, unique=True)  # goes to the processor as order_id and must come back unchanged
    account = reference(Account)
    cart = reference(Cart, null=True)  # what to order once it is paid; null for a plain top-up
    processor = Varchar(length=40)
    state = Varchar(length=20, choices=PaymentState, default=PaymentState.CREATED)
    amount = money()
    currency = currency()
    processor_reference = Varchar(length=100, null=True, default=None)
    pay_url = Varchar(length=500)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    paid_at = optional_time()
    decided_at = optional_time()  # a person led it out of review; what the processor says moves it no more
    next_check_at = optional_time(index=True)
    checking_until = optional_time()  # somebody is asking the processor, or just did: nobody else asks before this
    checks = SmallInt(default=0)

    amount_is_positive = Check(amount > 0)


class PaymentEvent(Table, tablename="payment_events"):
    """One row per change of state. Rows are added, never edited."""

    id = BigSerial(primary_key=True)
    payment = reference(Payment)
    state = Varchar(length=20, choices=PaymentState)
    note = Varchar(length=300, choices=PaymentNote, default="")
    happened_at = Timestamptz()


class Notification(Table, tablename="notifications"):
    """What a processor told us: stored first under (processor, dedupe key), handled later by a job.

    Only allow-listed fields are kept, and of the raw body its sha256.
    """

    id = BigSerial(primary_key=True)
    processor = Varchar(length=40)
    dedupe_key = Varchar(length=100)
    kind = Varchar(length=40)
    payment = reference(Payment, null=True)
    fields = JSONB(default="{}")
    body_sha256 = Bytea()
    deliveries = Integer(default=1)
    received_at = Timestamptz()
    handled_at = optional_time()
