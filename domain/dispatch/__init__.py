"""Dispatch: handing an order to a provider once, and following it until it is done."""
