"""What a quantity of a service costs the customer, and what a provider's cost becomes."""

from domain import money
from domain.catalog.types import FIELDS, Billing
from domain.catalog.views import ServiceView


def quote(service: ServiceView, quantity: int) -> int:
    """The charge for a billed quantity, in 10^-8, rounded up; one package costs its rate."""
    if FIELDS[service.type].billing == Billing.PACKAGE:
        return service.rate
    return money.charge(service.rate, quantity)


def selling_rate(cost: int, *, markup_percent: int) -> int:
    """The rate for a provider's cost, both in 10^-8 per 1,000; a negative markup still never sells below cost."""
    return max(money.with_markup(cost, markup_percent), cost)


def largest_billable(rate: int) -> int:
    """The most units of a rate whose charge a BIGINT column still holds."""
    return money.MAXIMUM * 1000 // rate
