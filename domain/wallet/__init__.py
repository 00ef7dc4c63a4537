"""The wallet: a customer's balance, kept in a double-entry ledger whose rows are only ever added."""

from domain.wallet.checks import Discrepancy, audit_ledger, check_ledger
from domain.wallet.export import write_statement
from domain.wallet.ledger import (
    AlreadyPosted,
    Charge,
    InsufficientFunds,
    adjust,
    balance,
    charge,
    charge_each,
    refund,
    top_up,
)
from domain.wallet.receipts import ReceiptView, find_receipt, find_receipt_of_payment, issue_receipt, list_receipts
from domain.wallet.statement import StatementLine, StatementPage, StatementPart, read_statement, walk_statement

__all__ = [
    "AlreadyPosted",
    "Charge",
    "Discrepancy",
    "InsufficientFunds",
    "ReceiptView",
    "StatementLine",
    "StatementPage",
    "StatementPart",
    "adjust",
    "audit_ledger",
    "balance",
    "charge",
    "charge_each",
    "check_ledger",
    "find_receipt",
    "find_receipt_of_payment",
    "issue_receipt",
    "list_receipts",
    "read_statement",
    "refund",
    "top_up",
    "walk_statement",
    "write_statement",
]
