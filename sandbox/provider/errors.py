"""The sentences with which a provider refuses, letter for letter as the whole trade sends them."""


class Refusal(Exception):
    """The provider says no; `sentence` is what the caller reads."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


INVALID_KEY = "Invalid API key"
SUSPENDED = "Your account has been suspended."
INCORRECT_SERVICE = "Incorrect service ID"
BAD_LINK = "Bad link"
BELOW_MINIMUM = "Quantity less than minimal {}"
ABOVE_MAXIMUM = "Quantity more than maximum {}"
NOT_ENOUGH_FUNDS = "Not enough funds on balance"
ACTIVE_ORDER = "You have active order with this link. Please wait until order being completed."
INCORRECT_ORDER = "Incorrect order ID"
REFILL_NOT_FOUND = "Refill not found"
REFILL_DISABLED = "Refill is disabled for this service"
NOT_COMPLETED = "The order is not completed"
REFILL_TOO_SOON = "The order was completed or refill was requested less than 24 hours ago"

# The trade has no common sentence for these; this provider chose its own.
UNKNOWN_ACTION = "Unknown action specified!"
MISSING_FIELD = "Missing field: {}"
TOO_MANY_IDS = "At most 100 ids in one call"
CANCEL_DISABLED = "Cancel is disabled for this service"
CANCEL_TOO_LATE = "The order can no longer be canceled"

# Faults that make the provider refuse, and what it then says.
BY_FAULT = {
    "provider.invalid_key": INVALID_KEY,
    "provider.suspended": SUSPENDED,
    "provider.incorrect_service": INCORRECT_SERVICE,
    "provider.bad_link": BAD_LINK,
    "provider.not_enough_funds": NOT_ENOUGH_FUNDS,
    "provider.active_order": ACTIVE_ORDER,
    "provider.incorrect_order": INCORRECT_ORDER,
}
