"""The rules of the shop: what may happen, when, and what it does to money, orders and letters."""
