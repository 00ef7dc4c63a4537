"""Accounts: signing up, signing in, sessions and the limits on trying."""
