"""Accounts: signing up, signing in, sessions and the limits on trying."""

from domain.accounts.authentication import sign_in
from domain.accounts.confirmation import Confirmation, confirm_address, find_confirmation, send_again
from domain.accounts.identities import Identity
from domain.accounts.passwords import hash_password
from domain.accounts.profile import Profile, choose_marketing, find_profile
from domain.accounts.registration import SignUp, register
from domain.accounts.reset import change_password, find_reset, request_reset, reset_password
from domain.accounts.sessions import Visitor

__all__ = [
    "Confirmation",
    "Identity",
    "Profile",
    "SignUp",
    "Visitor",
    "change_password",
    "choose_marketing",
    "confirm_address",
    "find_confirmation",
    "find_profile",
    "find_reset",
    "hash_password",
    "register",
    "request_reset",
    "reset_password",
    "send_again",
    "sign_in",
]
