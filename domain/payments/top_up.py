"""Adding money to the wallet: how much may be added at once, and by whom."""

import re

from babel.numbers import format_decimal

from domain import money
from domain.errors import Invalid, Refused
from domain.i18n import gettext as _
from domain.i18n import locale
from domain.money import UNIT
from domain.payments.payment import PaymentView
from domain.payments.processors import Processor
from domain.payments.starting import start

MINIMUM = 1 * UNIT
MAXIMUM = 10_000 * UNIT

_EDGES = {"least": MINIMUM, "most": MAXIMUM}

# Two decimals at most, after a dot or a comma. Grouping is not read: "1,000" means one thing here and another there.
_AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{1,2})?")


async def start_top_up(
    account_id: int, typed: str, *, is_confirmed: bool, processor: Processor, currency: str, base_url: str
) -> PaymentView:
    """Start a payment of the amount that was typed, without a cart; see `start`.

    Raises Invalid for the field `amount`, and Refused before the mail address is confirmed: the receipt goes there.
    """
    if not is_confirmed:
        raise Refused(_("Confirm your mail address first: the letter about it is in your inbox."))
    amount = _read_amount(typed)
    return await start(
        account_id, amount=amount, cart_id=None, processor=processor, currency=currency, base_url=base_url
    )


def _read_amount(typed: str) -> int:
    if not _AMOUNT.fullmatch(typed):
        raise Invalid({"amount": _("Enter an amount in figures, such as 25 or 25.50.")})
    amount = money.parse(typed.replace(",", "."))
    if not MINIMUM <= amount <= MAXIMUM:
        limits = {name: format_decimal(money.decimal(edge), locale=locale.get()) for name, edge in _EDGES.items()}
        raise Invalid({"amount": _("The amount must be %(least)s to %(most)s.") % limits})
    return amount
