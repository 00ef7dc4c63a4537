"""The cart and the checkout."""

from routes.checkout import cart, lines, pay

handlers = [*cart.handlers, *lines.handlers, *pay.handlers]
