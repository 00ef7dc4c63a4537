"""How amounts, numbers and times read on a page, in the reader's language."""

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from functools import lru_cache

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from jinja2 import Environment
from markupsafe import Markup, escape

from domain import money
from domain.clock import now
from domain.i18n import gettext as _
from domain.i18n import locale

KEPT = 5_000  # texts of numbers and amounts
MINUS = "\N{MINUS SIGN}"


class Filters:
    """Jinja filters of one shop; amounts are 10^-8 of its ledger currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def install(self, environment: Environment) -> None:
        for name in (
            "money",
            "money_exact",
            "cost",
            "rate",
            "charge",
            "signed",
            "number",
            "ago",
            "day",
            "moment",
            "duration",
        ):
            environment.filters[name] = getattr(self, name)

    def money(self, amount: int) -> str:
        """A balance: two decimals, rounded down, so that it never promises more than there is."""
        return self._format(money.decimal(amount).quantize(Decimal("0.01"), ROUND_DOWN), "0.00")

    def money_exact(self, amount: int) -> str:
        """Every decimal there is, at least two."""
        return self._format(money.decimal(amount), "0.00######")

    def cost(self, amount: int, currency: str) -> str:
        """What a provider takes, in its own currency, with every decimal there is."""
        return self._format(money.decimal(amount), "0.00######", currency)

    def rate(self, amount: int) -> str:
        """A price per 1,000: two to five decimals, or all that a very small price needs."""
        exact = money.decimal(amount)
        shown = exact.quantize(Decimal("0.00001"), ROUND_UP)
        return self._format(shown if shown == exact else exact, "0.00######")

    def charge(self, amount: int) -> str:
        """What an order costs: up to five decimals, rounded up, so that a price is never shown as nothing."""
        return self._format(money.decimal(amount).quantize(Decimal("0.00001"), ROUND_UP), "0.00###")

    def signed(self, amount: int) -> str:
        """A statement's amount, with its sign in front."""
        sign = "+" if amount > 0 else MINUS if amount < 0 else ""
        return sign + self.charge(abs(amount))

    def number(self, value: int) -> str:
        return _number(value, locale.get())

    def day(self, value: datetime) -> str:
        return str(format_date(value, locale=locale.get()))

    def moment(self, value: datetime) -> str:
        return str(format_datetime(value, "medium", locale=locale.get())) + " UTC"

    def duration(self, minutes: int) -> str:
        """About how long: "3 hours", "2 days"."""
        return str(format_timedelta(timedelta(minutes=minutes), locale=locale.get()))

    def ago(self, value: datetime) -> Markup:
        """A time as people say it, with the exact one in the title."""
        seconds = (now() - value).total_seconds()
        text = (
            _("just now") if seconds < 5 else format_timedelta(-int(seconds), add_direction=True, locale=locale.get())
        )
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            value.isoformat(timespec="seconds"), self.moment(value), escape(text)
        )

    def _format(self, amount: Decimal, pattern: str, currency: str = "") -> str:
        return _amount(amount, currency or self.currency, pattern, locale.get())


# Babel takes 20 to 50 microseconds for each; the same counts, limits and prices come again and again.
@lru_cache(KEPT)
def _number(value: int, name: str) -> str:
    return str(format_decimal(value, locale=name))


@lru_cache(KEPT)
def _amount(amount: Decimal, currency: str, pattern: str, name: str) -> str:
    return str(format_currency(amount, currency, _pattern(currency, pattern, name), locale=name, currency_digits=False))


def _pattern(currency: str, digits: str, name: str) -> str:
    """Grouped, with the symbol before and a real minus sign through Babel's own symbols."""
    spaced = "\N{NO-BREAK SPACE}" if len(get_currency_symbol(currency, locale=name)) > 1 else ""
    return f"¤{spaced}#,##{digits}"
