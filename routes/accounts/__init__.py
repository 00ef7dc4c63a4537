"""Accounts: signing up, signing in and out, confirming an address, passwords, and the account's own page."""

from routes.accounts import confirmation, password, show, sign_in, sign_up

handlers = [
    *sign_up.handlers,
    *sign_in.handlers,
    *confirmation.handlers,
    *password.handlers,
    *show.handlers,
]
