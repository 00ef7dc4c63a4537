"""Search as people type: by the beginnings of words in names, categories and numbers, whatever their order or accents.

A set of services is a whole number whose bit `n` stands for the service at position `n` of the catalogue: united,
intersected and counted by the machine, ten thousand of them in microseconds.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain
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
        positions: dict[str, array[int]] = {}
        for position, words in enumerate(texts):
            for word in words:
                positions.setdefault(word, array("I")).append(position)
        self._bytes = count // 8 + 1
        # Most words stand in a handful of names: a list of those takes far less room than a bit for every service.
        self._rare = {word: found for word, found in positions.items() if len(found) * found.itemsize < self._bytes}
        self._common = {word: self._set_of(found) for word, found in positions.items() if word not in self._rare}
        self._words = sorted(positions)
        self._beginnings: dict[str, int] = {}

    def with_word(self, word: str) -> int:
        return self._united([word])

    def beginning_with(self, prefix: str) -> int:
        """One or two letters begin thousands of words, and everybody types them first: those are remembered."""
        if prefix not in self._beginnings:
            start, end = bisect_left(self._words, prefix), bisect_left(self._words, prefix + _LAST)
            found = self._united(self._words[start:end])
            if len(prefix) > 2:
                return found
            self._beginnings[prefix] = found
        return self._beginnings[prefix]

    def _united(self, words: Sequence[str]) -> int:
        common = reduce(or_, (self._common[word] for word in words if word in self._common), 0)
        return common | self._set_of(chain.from_iterable(self._rare.get(word, ()) for word in words))

    def _set_of(self, positions: Iterable[int]) -> int:
        found = bytearray(self._bytes)
        for position in positions:
            found[position >> 3] |= 1 << (position & 7)
        return int.from_bytes(found, "little")


def intersection(sets: Iterable[int], everything: int) -> int:
    return reduce(and_, sets, everything)


def positions(found: int) -> Iterator[int]:
    """The positions in a set, in order, one at a time."""
    bits = bin(found)[:1:-1]
    position = bits.find("1")
    while position >= 0:
        yield position
        position = bits.find("1", position + 1)
