"""Letters to customers: queued with the change that causes them, sent once."""

from enum import StrEnum

from piccolo.columns import BigSerial, SmallInt, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.table import Table

from models.accounts import Account
from models.columns import optional_time, reference


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # found after a crash, it counts as unknown and is not sent again
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class MailMessage(Table, tablename="mail_messages"):
    id = BigSerial(primary_key=True)
    cause = Varchar(length=100, unique=True)  # "order:17:placed": one letter for one cause
    letter = Varchar(length=40)
    account = reference(Account, null=True)
    to_address = Varchar(length=254)
    locale = Varchar(length=10, default="en")
    context = JSONB(default="{}")
    state = Varchar(length=20, choices=MailState, default=MailState.QUEUED)
    attempts = SmallInt(default=0)
    next_attempt_at = Timestamptz()
    claimed_at = optional_time()
    sent_at = optional_time()
    note = Varchar(length=300)
