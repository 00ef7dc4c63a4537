"""The code by which people name an order: random, so that it says nothing about how many orders there are."""

from secrets import choice

# No vowel, so that no word appears by chance; nothing that is read as something else (0 O, 1 I L).
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 28^10: at a million orders one new code in 300 million is taken, and its statement then fails whole


def new_code() -> str:
    return "".join(choice(ALPHABET) for _ in range(LENGTH))


def is_code(text: str) -> bool:
    return len(text) == LENGTH and set(text.upper()) <= set(ALPHABET)
