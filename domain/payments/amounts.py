"""How much a customer may add to the wallet at once."""

import re

from domain import money
from domain.errors import Invalid
from domain.i18n import gettext as _
from domain.money import UNIT

MINIMUM = 1 * UNIT
MAXIMUM = 10_000 * UNIT

# Two decimals at most, after a dot or a comma. Grouping is not read: "1,000" means one thing here and another there.
_AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{1,2})?")


def read_top_up(typed: str) -> int:
    """The amount (10^-8, whole cents) that was typed into "Add money". Raises Invalid for the field `amount`."""
    if not _AMOUNT.fullmatch(typed):
        raise Invalid({"amount": _("Enter an amount in figures, such as 25 or 25.50.")})
    amount = money.parse(typed.replace(",", "."))
    if not MINIMUM <= amount <= MAXIMUM:
        limits = {"least": money.decimal(MINIMUM), "most": f"{money.decimal(MAXIMUM):,}"}
        raise Invalid({"amount": _("The amount must be %(least)s to %(most)s.") % limits})
    return amount
