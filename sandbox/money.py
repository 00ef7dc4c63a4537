"""Money on the outside: exact decimals in, plain decimal text out."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal, InvalidOperation

UNIT = Decimal("0.00000001")
CENT = Decimal("0.01")


def parse(text: str) -> Decimal | None:
    """A finite decimal, or None when the text is no number."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def charge_for(rate: Decimal, quantity: int) -> Decimal:
    """The price of a quantity at a rate per 1000, rounded up at the eighth decimal."""
    return (rate * quantity / 1000).quantize(UNIT, ROUND_UP)


def share_of(charge: Decimal, part: int, whole: int) -> Decimal:
    """The part of a charge that falls on `part` of `whole`, rounded down, never negative and never above the charge."""
    part = min(max(part, 0), whole)
    return (charge * part / whole).quantize(UNIT, ROUND_DOWN) if whole else Decimal(0)


def text(amount: Decimal, *, decimals: int = 5) -> str:
    """Plain decimal text with at least `decimals` places and no exponent."""
    shown = f"{amount.quantize(UNIT):f}".rstrip("0")
    fraction = shown.partition(".")[2]
    return shown + "0" * max(0, decimals - len(fraction))
