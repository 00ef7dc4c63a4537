"""Errors the shop can explain.

ShopError
├── NotFound      the thing is not there, or not yours: 404
├── Refused       the rules say no, and the message says why: 409
├── Invalid       what was typed cannot be used: 422, with a sentence for each field
├── Forbidden     signed in, but not allowed: 403
├── SignInNeeded  only for somebody who is signed in: sent to the sign-in page
└── Busy          too many tries by one person: 429, with the seconds to wait
    └── Overloaded    too much work for everybody at once: 503, likewise
"""

from collections.abc import Mapping


class ShopError(Exception):
    """Base of every error whose message may be shown to a customer."""


class NotFound(ShopError): ...


class Refused(ShopError): ...


class Invalid(ShopError):
    """What was typed cannot be used; `errors` has a sentence for each field, by the field's name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Forbidden(ShopError): ...


class SignInNeeded(ShopError): ...


class Busy(ShopError):
    """Try again after `seconds`."""

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Overloaded(Busy): ...
