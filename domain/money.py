"""Money: whole numbers of 10^-8 of a currency unit, rounded in this file and nowhere else."""

from decimal import ROUND_CEILING, Decimal, InvalidOperation

UNIT = 10**8
CENT = UNIT // 100

# What a BIGINT column holds; more is refused before the database does it in its own words.
MAXIMUM = 2**63 - 1


class NotMoney(ValueError):
    """The text is no amount, or one that 10^-8 cannot express exactly."""


def parse(text: str | Decimal) -> int:
    """Read a plain decimal such as "0.27819" exactly.

    Raises NotMoney for anything else: signs, exponents that hide digits, more than eight decimals, too large.
    """
    scaled = _scale(text)
    if scaled != scaled.to_integral_value():
        raise NotMoney(str(text))
    return int(scaled)


def parse_rounding_up(text: str | Decimal) -> int:
    """Read a cost that may have more than eight decimals; what is cut off is never in our favour."""
    return int(_scale(text).to_integral_value(ROUND_CEILING))


def _scale(text: str | Decimal) -> Decimal:
    try:
        scaled = Decimal(text) * UNIT
    except InvalidOperation as error:
        raise NotMoney(str(text)) from error
    if not scaled.is_finite() or not 0 <= scaled <= MAXIMUM:
        raise NotMoney(str(text))
    return scaled


def charge(rate: int, quantity: int) -> int:
    """The price of `quantity` at `rate` per 1,000, rounded up to 10^-8 (API v2 contract: charges up, refunds down)."""
    return -(-rate * quantity // 1000)


def refund(charged: int, remains: int, quantity: int) -> int:
    """What a partial delivery gives back in total: the undelivered share, rounded down.

    `remains` outside 0..quantity is taken as the nearer end, since providers report both.
    """
    undelivered = min(max(remains, 0), quantity)
    return charged * undelivered // quantity


def with_markup(cost: int, percent: int) -> int:
    """A selling price above `cost`, rounded up to 5 decimals, the most that a price per 1,000 shows."""
    step = UNIT // 10**5
    exact = -(-cost * (100 + percent) // 100)
    return -(-exact // step) * step


def up_to_cents(amount: int) -> int:
    """The smallest amount in whole cents that covers `amount`; processors know no smaller unit."""
    return -(-amount // CENT) * CENT


def decimal(amount: int) -> Decimal:
    return Decimal(amount) / UNIT


def plain(amount: int, *, places: int = 5) -> str:
    """A protocol's text: dot, no grouping, no exponent, exact, at least `places` decimals."""
    text = f"{decimal(amount):.8f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(places, '0')}" if places or fraction.strip("0") else whole
