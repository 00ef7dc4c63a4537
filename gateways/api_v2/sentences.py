"""The error sentences of API v2 and what each means for an order (API v2 contract, chapter 6)."""

from domain.dispatch.providers import Reason

LONGEST = 200  # characters kept of a provider's sentence

# Pieces of sentences, in the order in which they are looked for; raw translation keys leak from some panels.
_MEANINGS = (
    ("active order with this link", Reason.ACTIVE_LINK),
    ("link_duplicate", Reason.ACTIVE_LINK),
    ("already exists", Reason.ACTIVE_LINK),
    ("duplicate order", Reason.ACTIVE_LINK),
    ("invalid api key", Reason.PROVIDER),
    ("incorrect api key", Reason.PROVIDER),
    ("suspended", Reason.PROVIDER),
    ("user_inactive", Reason.PROVIDER),
    ("not enough funds", Reason.PROVIDER),
    ("not_enough_funds", Reason.PROVIDER),
    ("insufficient", Reason.PROVIDER),
    ("too many requests", Reason.PROVIDER),
    ("rate limit", Reason.PROVIDER),
    ("maintenance", Reason.PROVIDER),
    ("temporarily", Reason.PROVIDER),
    ("incorrect service", Reason.SERVICE),
    ("incorrect_service_id", Reason.SERVICE),
    ("service not found", Reason.SERVICE),
    ("disabled service", Reason.SERVICE),
    ("quantity less than", Reason.SERVICE),
    ("quantity more than", Reason.SERVICE),
    ("min_quantity", Reason.SERVICE),
    ("max_quantity", Reason.SERVICE),
)

# The provider failed in the middle: the order may exist all the same (API v2 contract, chapter 9, rule 3).
_FAILURES = ("timeout", "timed out", "time out", "internal", "server error", "something went wrong", "exception")


def is_failure(sentence: str) -> bool:
    """Whether a sentence tells of trouble inside the provider, which refuses nothing."""
    return any(piece in sentence.casefold() for piece in _FAILURES)


def reason_of(sentence: str) -> Reason:
    """Why an order was refused; a sentence that is not listed is about the order itself, which is then paid back."""
    folded = sentence.casefold()
    return next((reason for piece, reason in _MEANINGS if piece in folded), Reason.ORDER)


def is_global(sentence: str) -> bool:
    """Whether a sentence is about the whole account or the provider, not about one order."""
    return is_failure(sentence) or reason_of(sentence) == Reason.PROVIDER
