"""Links in letters: signed and dated, so that nothing has to be stored to know them again."""

from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from domain.errors import NotFound
from domain.i18n import gettext as _


class Purpose(StrEnum):
    """What a link is for; one made for another purpose does not open it."""

    CONFIRM_ADDRESS = "confirm-address"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - the name of a purpose


def sign(purpose: Purpose, *values: str | int, secret_key: str) -> str:
    """A token for an address; it can be read by anybody and made by nobody else."""
    return str(_serializer(purpose, secret_key).dumps(values))


def read(purpose: Purpose, token: str, *, lifetime: timedelta, secret_key: str) -> list[Any]:
    """The signed values. Raises NotFound when the token is not ours, or older than `lifetime`."""
    try:
        values: list[Any] = _serializer(purpose, secret_key).loads(token, max_age=int(lifetime.total_seconds()))
    except BadSignature:
        raise dead_link() from None
    return values


def dead_link() -> NotFound:
    """The same sentence for a wrong, an old and a used link."""
    return NotFound(_("This link does not work any more. It was used already, or it is too old."))


def _serializer(purpose: Purpose, secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=purpose, signer_kwargs={"digest_method": sha256})
