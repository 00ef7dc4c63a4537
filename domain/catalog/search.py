"""Search as people type: by the beginnings of words in names, categories and numbers, whatever their order or accents.

A set of services is a whole number whose bit `n` stands for the service at position `n` of the catalogue: united,
intersected and counted by the machine, ten thousand of them in microseconds.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from operator import and_, or_

MAX_WORDS = 8

_WORD = re.compile(r"[^\W_]+")
# Letters that people type without their stroke or as two, and that Unicode does not take apart.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
# The last character there is: no word that begins with a prefix sorts after the prefix and it.
_LAST = chr(0x10FFFF)


def words_of(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation."""
    return _WORD.findall(_plain(_plain(text)))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Folding case can bring back accents and compatibility letters ("İ", "ŉ"), so callers do it twice.
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn").translate(_PLAIN)


class WordIndex:
    """Which positions hold a word, or a word that begins with some letters."""

    def __init__(self, texts: Iterable[Collection[str]], count: int) -> None:
        """`texts` are the words of each of `count` positions."""
        bits: dict[str, bytearray] = {}
        size = count // 8 + 1
        for position, words in enumerate(texts):
            byte, bit = position >> 3, 1 << (position & 7)
            for word in words:
                if word not in bits:
                    bits[word] = bytearray(size)
                bits[word][byte] |= bit
        self._sets = {word: int.from_bytes(found, "little") for word, found in bits.items()}
        self._words = sorted(self._sets)
        self._beginnings: dict[str, int] = {}

    def with_word(self, word: str) -> int:
        return self._sets.get(word, 0)

    def beginning_with(self, prefix: str) -> int:
        """One or two letters begin thousands of words, and everybody types them first: those are remembered."""
        if prefix not in self._beginnings:
            start, end = bisect_left(self._words, prefix), bisect_left(self._words, prefix + _LAST)
            found = reduce(or_, (self._sets[word] for word in self._words[start:end]), 0)
            if len(prefix) > 2:
                return found
            self._beginnings[prefix] = found
        return self._beginnings[prefix]


def intersection(sets: Iterable[int], everything: int) -> int:
    return reduce(and_, sets, everything)


def positions(found: int) -> Iterator[int]:
    """The positions in a set, in order, one at a time."""
    bits = bin(found)[:1:-1]
    position = bits.find("1")
    while position >= 0:
        yield position
        position = bits.find("1", position + 1)
