"""What cardlink.link posts to the shop: signatures, and the few fields that may be kept."""

from collections.abc import Mapping
from hashlib import md5, sha256
from hmac import compare_digest
from urllib.parse import parse_qsl

from domain.payments.processors import Forged, Tidings, Told

# What the signature covers, in its order; the token follows. The last two formulas are not the vendor's own words, two
# independent clients agree on them (payments contract, chapter 2.4).
SIGNED = {
    Tidings.PAYMENT: ("OutSum", "InvId"),
    Tidings.REFUND: ("Amount", "Currency", "BillId", "PaymentId", "Id"),
    Tidings.CHARGEBACK: ("BillId", "PaymentId", "Id"),
}

# Everything else may name the payer, and is dropped before anything is stored or logged (chapter 2.7).
KEPT = {
    Tidings.PAYMENT: (
        "InvId", "TrsId", "OutSum", "CurrencyIn", "Status", "Commission", "BalanceAmount", "BalanceCurrency",
        "ErrorCode",
    ),
    Tidings.REFUND: ("Id", "BillId", "PaymentId", "Amount", "Currency", "Status", "InvId"),
    Tidings.CHARGEBACK: ("Id", "BillId", "PaymentId", "Status", "InvId"),
}  # fmt: skip

LONGEST_VALUE = 100
MOST_FIELDS = 100


def read_notification(body: bytes, *, token: str) -> Told:
    """Check the signature over the decoded strings exactly as they came, and keep the allow-list. Raises Forged."""
    fields = _parse(body)
    kind = _recognise(fields)
    kept = {name: fields[name][:LONGEST_VALUE] for name in KEPT[kind] if name in fields}
    expected = sign(*(fields[name] for name in SIGNED[kind]), token=token)
    if not compare_digest(expected.encode(), fields.get("SignatureValue", "").encode()):
        raise Forged(f"The signature of a {kind} notification does not hold.", kept)
    digest = sha256(body)
    return Told(
        kind=kind,
        code=fields.get("InvId", ""),
        # Ids and status are unsigned, so only the whole body tells two notifications apart.
        dedupe_key=digest.hexdigest(),
        fields=kept,
        body_sha256=digest.digest(),
    )


def sign(*parts: str, token: str) -> str:
    """Upper-case hexadecimal MD5 of the parts and the token, joined by colons: the processor's own choice."""
    return md5(":".join((*parts, token)).encode(), usedforsecurity=False).hexdigest().upper()


def _parse(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise Forged("The body is not a form.") from error
    fields = dict(pairs)
    # Of two values one could be signed and the other one used.
    if len(fields) < len(pairs):
        raise Forged("A field appears twice.")
    if any("\0" in value for value in fields.values()):
        raise Forged("A value holds a character that no text has.")
    return fields


def _recognise(fields: Mapping[str, str]) -> Tidings:
    for kind, signed in SIGNED.items():
        if all(name in fields for name in signed):
            return kind
    raise Forged("A signed field is missing.")
