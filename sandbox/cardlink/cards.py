"""The test cards, and what the bank says to each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TestCard:
    __test__ = False  # pytest should not take it for a test

    number: str
    says: str
    verdict: str  # approve, refuse or ask
    error_code: str = "0"
    error_message: str = "Approved"

    @property
    def spaced(self) -> str:
        return " ".join(self.number[start : start + 4] for start in range(0, 16, 4))

    @property
    def masked(self) -> str:
        """First six and last four digits, as the processor reports a card."""
        return f"{self.number[:6]}******{self.number[-4:]}"


REFUSED_CODE, REFUSED_MESSAGE = "3ds_refused", "The cardholder refused the payment"

CARDS = (
    TestCard("4242424242424242", "is paid", "approve"),
    TestCard("4000000000000002", "is declined", "refuse", "card_declined", "The bank declined the card"),
    TestCard("4000000000003220", "asks for confirmation (3-D Secure)", "ask"),
    TestCard("4000000000000069", "has expired", "refuse", "expired_card", "The card has expired"),
)


def find_card(typed: str) -> TestCard | None:
    digits = "".join(letter for letter in typed if letter.isdigit())
    return next((card for card in CARDS if card.number == digits), None)
