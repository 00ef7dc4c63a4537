from hashlib import sha256
from urllib.parse import urlencode

import pytest

from domain.payments.processors import Forged, Tidings
from gateways.cardlink_notifications import read_notification, sign

# The sample token of the vendor's own page: public, not a secret.
TOKEN = "72|oBCB7Z3SmUm1gvkpEdRcSR2q1ERHpG4vD3DNBmuT"

PAYMENT = {"InvId": "payment-19238465", "OutSum": "380.55", "SignatureValue": "DC32D403CE6BD2E54D4D213278DB286C"}
REFUND = {
    "Id": "RFND000001",
    "Amount": "380.55",
    "Currency": "RUB",
    "Status": "SUCCESS",
    "InvId": "payment-19238465",
    "BillId": "LXZv3R7Q8B",
    "PaymentId": "lGPmp4mYeE",
    "SignatureValue": "9D9E02B7B3BFA7B95A4921DD3F270745",
}
CHARGEBACK = {
    "Id": "CHBK000001",
    "Status": "SUCCESS",
    "InvId": "payment-19238465",
    "BillId": "LXZv3R7Q8B",
    "PaymentId": "lGPmp4mYeE",
    "SignatureValue": "396000CB8A4B71DD1BB2D6BB17B2EE56",
}


def body(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        (("380.55", "payment-19238465"), "DC32D403CE6BD2E54D4D213278DB286C"),
        (("380.55", "RUB", "LXZv3R7Q8B", "lGPmp4mYeE", "RFND000001"), "9D9E02B7B3BFA7B95A4921DD3F270745"),
        (("LXZv3R7Q8B", "lGPmp4mYeE", "CHBK000001"), "396000CB8A4B71DD1BB2D6BB17B2EE56"),
    ],
)
def test_signature_is_the_published_one(parts: tuple[str, ...], signature: str) -> None:
    assert sign(*parts, token=TOKEN) == signature


@pytest.mark.parametrize(
    ("fields", "kind"),
    [(PAYMENT, Tidings.PAYMENT), (REFUND, Tidings.REFUND), (CHARGEBACK, Tidings.CHARGEBACK)],
)
def test_notification_is_read_by_its_kind(fields: dict[str, str], kind: Tidings) -> None:
    told = read_notification(body(fields), token=TOKEN)

    assert (told.kind, told.code) == (kind, "payment-19238465")
    assert told.body_sha256 == sha256(body(fields)).digest()
    assert told.dedupe_key == sha256(body(fields)).hexdigest()


@pytest.mark.parametrize("fields", [PAYMENT, REFUND, CHARGEBACK])
def test_one_changed_character_is_a_forgery(fields: dict[str, str]) -> None:
    for name in fields.keys() - {"Status"}:
        if fields is not PAYMENT and name == "InvId":
            continue  # the vendor does not sign it there
        with pytest.raises(Forged):
            read_notification(body({**fields, name: f"{fields[name]}1"}), token=TOKEN)


def test_numbers_are_signed_as_they_are_written() -> None:
    with pytest.raises(Forged):
        read_notification(body({**PAYMENT, "OutSum": "380.550"}), token=TOKEN)


@pytest.mark.parametrize("name", ["OutSum", "InvId", "SignatureValue", "Status"])
def test_field_that_appears_twice_is_a_forgery(name: str) -> None:
    fields = {**PAYMENT, "Status": "FAIL"}

    with pytest.raises(Forged, match="twice"):
        read_notification(body(fields) + b"&" + urlencode({name: fields[name]}).encode(), token=TOKEN)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b"InvId=%FF&OutSum=1",
        b"OutSum=1",
        b"InvId=payment-19238465&OutSum=380.55",
        body({**PAYMENT, "SignatureValue": "ÄÖ"}),
        body({**PAYMENT, "Status": "SUCC\0ESS"}),
        b"&".join(b"f%d=1" % number for number in range(1000)),
    ],
)
def test_what_is_no_signed_form_is_a_forgery(raw: bytes) -> None:
    with pytest.raises(Forged):
        read_notification(raw, token=TOKEN)


def test_only_the_allow_list_is_kept_and_never_at_length() -> None:
    personal = {
        "AccountNumber": "424242******4242",
        "AccountType": "BANK_CARD",
        "PayerPhone": "+15555550142",
        "PayerEmail": "payer@example.net",
        "PayerName": "Pat Payer",
        "PayerComment": "From me",
        "ErrorMessage": "Approved for Pat",
        "custom": "note",
    }
    kept = {
        "TrsId": "LXZv3R7Q8B",
        "Status": "SUCCESS",
        "CurrencyIn": "USD",
        "Commission": "2.54",
        "BalanceAmount": "378.01",
        "BalanceCurrency": "USD",
    }

    told = read_notification(body({**PAYMENT, **personal, **kept, "ErrorCode": "e" * 5000}), token=TOKEN)

    assert told.fields == {"InvId": "payment-19238465", "OutSum": "380.55", **kept, "ErrorCode": "e" * 100}


def test_forged_refund_tells_what_may_be_logged_of_it() -> None:
    with pytest.raises(Forged) as caught:
        read_notification(body({**REFUND, "Amount": "1.00", "PayerName": "Pat"}), token=TOKEN)

    assert caught.value.fields["BillId"] == "LXZv3R7Q8B"
    assert "PayerName" not in caught.value.fields
