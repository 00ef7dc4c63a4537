"""Which language a person reads: gettext for every sentence, on every floor."""

import gettext as catalogs
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DEFAULT_LOCALE = "en"
LOCALES = Path(__file__).parent.parent / "locales"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

locale: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)


@cache
def _catalog(name: str) -> catalogs.NullTranslations:
    return catalogs.translation("messages", LOCALES, [name], fallback=True)


def gettext(message: str) -> str:
    """The sentence in the language of the person being answered."""
    return _catalog(locale.get()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _catalog(locale.get()).ngettext(singular, plural, number)


def direction() -> str:
    """The writing direction, as HTML's `dir` wants it."""
    return "rtl" if locale.get().partition("_")[0] in RIGHT_TO_LEFT else "ltr"
