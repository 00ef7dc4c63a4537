from sandbox.cardlink.signatures import sign_chargeback, sign_payment, sign_refund

TOKEN = "72|oBCB7Z3SmUm1gvkpEdRcSR2q1ERHpG4vD3DNBmuT"  # the public sample of the processor's own page


def test_payment_signature_matches_the_published_vector() -> None:
    assert sign_payment("380.55", "payment-19238465", token=TOKEN) == "DC32D403CE6BD2E54D4D213278DB286C"


def test_refund_signature_covers_amount_currency_and_the_three_ids() -> None:
    signature = sign_refund("380.55", "RUB", "LXZv3R7Q8B", "lGPmp4mYeE", "RFND000001", token=TOKEN)

    assert signature == "9D9E02B7B3BFA7B95A4921DD3F270745"


def test_chargeback_signature_covers_the_three_ids() -> None:
    assert sign_chargeback("LXZv3R7Q8B", "lGPmp4mYeE", "CHBK000001", token=TOKEN) == "396000CB8A4B71DD1BB2D6BB17B2EE56"
