"""The price beside an order form, and the quantities it suggests."""

from dataclasses import dataclass
from itertools import count, takewhile

from domain.catalog import FIELDS, Billing, ServiceView, billed_quantity, quote
from domain.checkout.lines import quantity_problem
from domain.i18n import gettext as _
from routes.forms import Form

USUAL_QUANTITY = 1000
USUAL_MOST = 10_000
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
    """A few round quantities within the limits, spread from the least to what people usually order at most."""
    most = min(service.max_quantity, max(USUAL_MOST, 100 * service.min_quantity))
    steps = (step * 10**power for power in count() for step in (1, 2, 5))
    fitting = [step for step in takewhile(lambda step: step <= most, steps) if step >= service.min_quantity]
    if len(fitting) <= MOST_PRESETS:
        return fitting
    last = len(fitting) - 1
    return [fitting[last * place // (MOST_PRESETS - 1)] for place in range(MOST_PRESETS)]
