"""The price beside an order form, and the quantities it suggests."""

from dataclasses import dataclass
from itertools import count, islice

from domain.catalog import FIELDS, Billing, ServiceView, billed_quantity, quote
from domain.checkout.lines import quantity_problem
from domain.i18n import gettext as _
from routes.forms import Form

USUAL_QUANTITY = 1000
MOST_PRESETS = 4


@dataclass(frozen=True, slots=True)
class LivePrice:
    """`total` and `rate` are 10^-8; without a total, `note` says what is missing or wrong."""

    billing: Billing
    rate: int
    quantity: int = 0
    total: int | None = None
    note: str = ""


def price_of(service: ServiceView, form: Form) -> LivePrice:
    """What the form as it stands would cost."""
    billing = FIELDS[service.type].billing
    typed = form.number("quantity")
    if billing is Billing.QUANTITY and typed is None:
        return LivePrice(billing, service.rate, note=_("Enter a quantity to see the price."))
    quantity = billed_quantity(service.type, quantity=typed or 0, fields=form.values)
    if billing is Billing.LINES and not quantity:
        return LivePrice(billing, service.rate, note=_("Fill in a line to see the price."))
    if problem := quantity_problem(service, quantity):
        return LivePrice(billing, service.rate, note=problem)
    return LivePrice(billing, service.rate, quantity, quote(service, quantity))


def first_quantity(service: ServiceView) -> int:
    """What the form suggests at first: a thousand, or the nearest that the service takes."""
    return min(max(USUAL_QUANTITY, service.min_quantity), service.max_quantity)


def presets(service: ServiceView) -> list[int]:
    """A few round quantities within the limits, from the least on."""
    round_ones = (step * 10**power for power in count() for step in (1, 5))
    fitting = []
    for quantity in round_ones:
        if quantity > service.max_quantity:
            break
        if quantity >= service.min_quantity:
            fitting.append(quantity)
    return list(islice(fitting, MOST_PRESETS))
