"""Orders: placing them, moving them through their states, giving money back, and showing them to their owner."""

from domain.orders.finishing import finish, settle
from domain.orders.lists import OrderFilter, OrderPart, OrderRow, list_of_account
from domain.orders.locking import LockedOrder, lock
from domain.orders.moves import MOVES, Actor, Moved, move
from domain.orders.placing import ActiveLink, OrderLine, PlacedOrder, Purchase, place, place_each
from domain.orders.progress import check_again, note_progress, wake, within
from domain.orders.refunds import partial_target, refund_up_to
from domain.orders.tracking import read_tracking_token, tracking_token
from domain.orders.views import EventView, OrderView, find_by_code, find_of_account, list_events

__all__ = [
    "MOVES",
    "ActiveLink",
    "Actor",
    "EventView",
    "LockedOrder",
    "Moved",
    "OrderFilter",
    "OrderLine",
    "OrderPart",
    "OrderRow",
    "OrderView",
    "PlacedOrder",
    "Purchase",
    "check_again",
    "find_by_code",
    "find_of_account",
    "finish",
    "list_events",
    "list_of_account",
    "lock",
    "move",
    "note_progress",
    "partial_target",
    "place",
    "place_each",
    "read_tracking_token",
    "refund_up_to",
    "settle",
    "tracking_token",
    "wake",
    "within",
]
