"""Dispatches: our record of handing one order to one provider, one row per attempt."""

from enum import StrEnum

from piccolo.columns import BigSerial, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.table import Table

from models.accounts import StaffMember
from models.catalog import Provider, ProviderService
from models.columns import money, optional_time, reference
from models.orders import Order


class DispatchState(StrEnum):
    STARTED = "started"  # durable before the call; found after a crash, it counts as unknown
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Dispatch(Table, tablename="dispatches"):
    id = BigSerial(primary_key=True)
    order = reference(Order)
    provider = reference(Provider)
    provider_service = reference(ProviderService)
    state = Varchar(length=20, choices=DispatchState, default=DispatchState.STARTED)
    external_id = Varchar(length=100, null=True, default=None)  # text: not every provider counts in numbers
    expected_cost = money()
    reported_cost = money(null=True)
    reason = Varchar(length=20)  # of a rejection: "order", "service", "active_link", "provider"
    note = Text()  # the provider's own sentence, or what went wrong
    misses = SmallInt(default=0)  # times in a row that the provider did not know the order
    started_at = Timestamptz()
    ended_at = optional_time()


class CaseKind(StrEnum):
    UNKNOWN_DISPATCH = "unknown_dispatch"
    PAYMENT_MISMATCH = "payment_mismatch"
    ODD_STATUS = "odd_status"
    UNDECIDED_REFUND = "undecided_refund"  # delivered in part, and no formula says what goes back
    UNSENT_ORDER = "unsent_order"  # no provider has taken it for a long time


class CaseState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"


class Case(Table, tablename="cases"):
    """Something automation flagged and a person must decide."""

    id = BigSerial(primary_key=True)
    kind = Varchar(length=40, choices=CaseKind)
    cause = Varchar(length=100, unique=True)  # "dispatch:17": the same trouble opens one case
    state = Varchar(length=20, choices=CaseState, default=CaseState.OPEN)
    summary = Text()  # a word that templates/staff/words.html puts into a sentence
    evidence = JSONB(default="{}")
    decided_by = reference(StaffMember, null=True)
    decision = Text()
    opened_at = Timestamptz()
    decided_at = optional_time()
