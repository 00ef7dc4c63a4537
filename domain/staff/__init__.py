"""Staff: what they may see of orders, payments and dispatches, and the log of whom they looked at."""

from domain.staff.access import MASK, log_access, mask_email
from domain.staff.cases import CaseFile, check_reason, close_case, find_case, list_cases
from domain.staff.dispatches import list_dispatches
from domain.staff.lists import Page, Row
from domain.staff.orders import OrderFile, find_order, list_orders
from domain.staff.overview import Overview, count_orders, find_overview
from domain.staff.payments import PaymentFile, find_payment, list_payments

__all__ = [
    "MASK",
    "CaseFile",
    "OrderFile",
    "Overview",
    "Page",
    "PaymentFile",
    "Row",
    "check_reason",
    "close_case",
    "count_orders",
    "find_case",
    "find_order",
    "find_overview",
    "find_payment",
    "list_cases",
    "list_dispatches",
    "list_orders",
    "list_payments",
    "log_access",
    "mask_email",
]
