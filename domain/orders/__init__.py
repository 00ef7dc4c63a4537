"""Orders: placing them, moving them through their states, giving money back, and showing them to their owner."""

from domain.orders.moves import MOVES, Actor, Moved, move
from domain.orders.placing import ActiveLink, OrderLine, PlacedOrder, place

__all__ = ["MOVES", "ActiveLink", "Actor", "Moved", "OrderLine", "PlacedOrder", "move", "place"]
