"""The signed link in a letter: shows how one order stands to whoever holds it, and opens nothing else."""

from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

from domain.errors import NotFound
from domain.i18n import gettext as _

_SALT = "order-tracking"


def tracking_token(code: str, secret_key: str) -> str:
    """The end of `/track/…` for one order. It never expires: it shows no more than the letter that holds it said."""
    return str(_signer(secret_key).dumps(code))


def read_tracking_token(token: str, secret_key: str) -> str:
    """The code of the order. Raises NotFound for every token that this shop did not sign."""
    try:
        return str(_signer(secret_key).loads(token))
    except BadSignature as error:
        raise NotFound(_("This link does not lead to an order.")) from error


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=_SALT, signer_kwargs={"digest_method": sha256})
