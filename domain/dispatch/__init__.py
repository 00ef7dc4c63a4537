"""Dispatch: handing an order to a provider once, and following it until it is done.

Nothing is re-exported here: the catalogue reads `providers`, and the verbs read the catalogue.
"""
