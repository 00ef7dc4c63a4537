"""Checkout: from a link and a quantity in a cart to orders that are paid."""

from domain.checkout.carts import CartLineView, Shopper, add_line, change_line, find_line, merge, remove_line
from domain.checkout.lines import CheckedLine, Typed, check
from domain.checkout.links import Link, parse
from domain.checkout.moves import MOVES, CartMoved
from domain.checkout.paying import (
    WaitingCart,
    find_state,
    list_waiting,
    pay_missing,
    queue_left,
    settle_cart,
    take_back,
)
from domain.checkout.review import Review, ReviewLine, SeenCart, confirm_prices, empty_review, review
from domain.checkout.till import place_from_balance

__all__ = [
    "MOVES",
    "CartLineView",
    "CartMoved",
    "CheckedLine",
    "Link",
    "Review",
    "ReviewLine",
    "SeenCart",
    "Shopper",
    "Typed",
    "WaitingCart",
    "add_line",
    "change_line",
    "check",
    "confirm_prices",
    "empty_review",
    "find_line",
    "find_state",
    "list_waiting",
    "merge",
    "parse",
    "pay_missing",
    "place_from_balance",
    "queue_left",
    "remove_line",
    "review",
    "settle_cart",
    "take_back",
]
