"""Provider's texts as this shop shows them: plain letters, no invisible characters, no markup."""

import html
import re
import unicodedata

NAME_LENGTH = 500  # what the columns hold
DESCRIPTION_LENGTH = 5_000

# Emoji are glued and coloured with these two, so they stay although they are invisible.
_JOINER, _EMOJI_STYLE = "\N{ZERO WIDTH JOINER}", "\N{VARIATION SELECTOR-16}"
_BREAK_TAG = re.compile(r"<\s*(?:br|/p|/li|/div|/h\d)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BLANKS = re.compile(r"\s+")
_MANY_MARKS = re.compile(r"([\u0300-\u036f]{2})[\u0300-\u036f]+")


def clean_name(text: str) -> str:
    """One line of at most 500 characters; "" when nothing readable is left.

    Letters set in mathematical or full-width alphabets become plain ones (NFKC), so that they can be read aloud and
    searched; emoji stay. Control and direction characters go: they could turn a price list's line around.
    """
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    visible = "".join(letter if _is_visible(letter) else " " for letter in plain if not _is_format(letter))
    joined = _BLANKS.sub(" ", _MANY_MARKS.sub(r"\1", visible)).strip(f" {_JOINER}{_EMOJI_STYLE}")
    return _cut(joined, NAME_LENGTH)


def clean_description(text: str) -> str:
    """Plain lines without markup, at most 5,000 characters; an empty line between paragraphs at most."""
    unmarked = _TAG.sub("", _BREAK_TAG.sub("\n", html.unescape(text)))
    lines = [clean_name(line) for line in unmarked.splitlines()]
    return _cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), DESCRIPTION_LENGTH)


def _is_visible(letter: str) -> bool:
    """Not a control, an unassigned or private character, nor half of a surrogate pair, which no database takes."""
    return unicodedata.category(letter) not in {"Cc", "Cn", "Co", "Cs"}


def _is_format(letter: str) -> bool:
    return unicodedata.category(letter) == "Cf" and letter != _JOINER


def _cut(text: str, length: int) -> str:
    """The beginning, without half an emoji sequence at its end."""
    if len(text) <= length:
        return text
    return text[: length - 1].rstrip(f" {_JOINER}{_EMOJI_STYLE}") + "…"
