"""The double-entry ledger: wallets, the shop's own accounts, and entries that are never edited."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from models.accounts import Account
from models.columns import currency, money, reference


class LedgerKind(StrEnum):
    WALLET = "wallet"  # one for each customer; the only kind that carries a running balance
    REVENUE = "revenue"
    CLEARING = "clearing"  # what a processor owes the shop, one for each processor and currency
    FEES = "fees"
    ADJUSTMENTS = "adjustments"


class LedgerAccount(Table, tablename="ledger_accounts"):
    """A balance is kept on wallets alone: one hot row for the revenue would make every order wait for every other."""

    id = BigSerial(primary_key=True)
    kind = Varchar(length=20, choices=LedgerKind)
    owner = reference(Account, null=True)
    processor = Varchar(length=40)
    currency = currency()
    balance = money()
    version = BigInt(default=0)  # the number of entries so far; a gap is an alarm

    a_wallet_is_never_overdrawn = Check(balance >= 0)


class LedgerTransaction(Table, tablename="ledger_transactions"):
    """A group of entries that sum to zero, made once for one cause."""

    id = BigSerial(primary_key=True)
    cause = Varchar(length=100, unique=True)  # "order:17:charge": posting the same thing twice is impossible
    kind = Varchar(length=20)  # "top_up", "charge", "refund", "adjustment"
    reference = Varchar(length=40)  # the order's code or the payment's, for the statement
    happened_at = Timestamptz()


class LedgerEntry(Table, tablename="ledger_entries"):
    """One signed row: positive is owed to the account's owner. Rows are added, never edited, never deleted."""

    id = BigSerial(primary_key=True)
    transaction = reference(LedgerTransaction)
    account = reference(LedgerAccount, index=False)
    amount = money()
    currency = currency()
    balance_after = money(null=True)  # of a wallet
    version = BigInt(null=True, default=None)  # of a wallet
    happened_at = Timestamptz()


class Receipt(Table, tablename="receipts"):
    """A numbered proof of one payment. Numbers have no gap: a counter row is raised in the same transaction."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=30, unique=True)  # "R-2026-000001"
    account = reference(Account)
    payment = BigInt(unique=True)
    amount = money()
    currency = currency()
    issued_at = Timestamptz()


class ReceiptCounter(Table, tablename="receipt_counters"):
    year = Integer(primary_key=True)
    last_number = Integer(default=0)

    numbers_start_at_one = Check(last_number >= 0)
