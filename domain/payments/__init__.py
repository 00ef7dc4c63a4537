"""Payments: each attempt to pay, checked with the processor before a cent is credited."""

from domain.payments.checking import check, reconcile
from domain.payments.moves import MOVES
from domain.payments.notifications import record
from domain.payments.payment import PaymentView, find_of_account, list_unfinished
from domain.payments.settlement import Decision, decide, settle
from domain.payments.starting import hand_over, intend, start, try_again
from domain.payments.top_up import MAXIMUM, MINIMUM, start_top_up

__all__ = [
    "MAXIMUM",
    "MINIMUM",
    "MOVES",
    "Decision",
    "PaymentView",
    "check",
    "decide",
    "find_of_account",
    "hand_over",
    "intend",
    "list_unfinished",
    "reconcile",
    "record",
    "settle",
    "start",
    "start_top_up",
    "try_again",
]
