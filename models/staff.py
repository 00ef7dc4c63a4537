"""What staff looked at: a row for each time somebody's order or payment was opened."""

from enum import StrEnum

from piccolo.columns import BigSerial, Timestamptz, Varchar
from piccolo.table import Table

from models.accounts import Account, StaffMember
from models.columns import reference


class Seen(StrEnum):
    """Which page of a customer was opened."""

    ORDER = "order"
    PAYMENT = "payment"
    CASE = "case"


class AccessLog(Table, tablename="access_log"):
    """Rows are added, never edited and never deleted by the shop's own code."""

    id = BigSerial(primary_key=True)
    staff_member = reference(StaffMember)
    account = reference(Account)  # whose data it was
    what = Varchar(length=20, choices=Seen)
    reference = Varchar(length=40)  # the order's or payment's code, the case's number
    at = Timestamptz()
