"""Carts: what a visitor is about to order, before and after signing in."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Integer, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check
from piccolo.table import Table

from models.accounts import Account, Session
from models.catalog import Service
from models.columns import money, reference


class CartState(StrEnum):
    OPEN = "open"
    PAYING = "paying"  # frozen while its payment is under way
    ORDERED = "ordered"
    ABANDONED = "abandoned"  # merged into another cart, or left behind

    @classmethod
    def final_states(cls) -> tuple["CartState", ...]:
        return (cls.ORDERED, cls.ABANDONED)


class CartNote(StrEnum):
    """Why a cart that was being paid for is open again; gone with the next change."""

    PAYMENT_FAILED = "payment_failed"
    PROCESSOR_DOWN = "processor_down"
    NOT_ORDERED = "not_ordered"  # the payment arrived and is in the wallet, but the orders could not be placed
    TAKEN_BACK = "taken_back"  # by the customer, before paying


class Cart(Table, tablename="carts"):
    """Belongs to a session until its visitor signs in, to an account from then on."""

    id = BigSerial(primary_key=True)
    session = reference(Session, null=True)
    account = reference(Account, null=True)
    state = Varchar(length=20, choices=CartState, default=CartState.OPEN)
    revision = Integer(default=0)  # grows with every change, so that only what the customer saw is ordered
    note = Varchar(length=20, choices=CartNote, default="")
    created_at = Timestamptz()
    updated_at = Timestamptz()


class CartLine(Table, tablename="cart_lines"):
    id = BigSerial(primary_key=True)
    cart = reference(Cart)
    service = reference(Service)
    link = Varchar(length=2000)
    link_key = Varchar(length=500)  # the same for two spellings of one address
    quantity = BigInt()  # billed quantity: comments are counted by line
    fields = JSONB(default="{}")  # the type's own fields, by their API v2 names
    seen_rate = money()  # the rate shown when the line was added or last confirmed
    added_at = Timestamptz()

    quantity_is_positive = Check(quantity >= 1)
