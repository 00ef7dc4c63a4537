"""The payment companies of this shop, and the way to their pages."""

from typing import Any

from litestar import Response

from domain.errors import NotFound
from domain.i18n import gettext as _
from domain.payments import PaymentView
from domain.payments.processors import Processor, Processors
from routes.htmx import AnyRequest, go_to


def processors_of(request: AnyRequest) -> Processors:
    processors: Processors = request.app.state.processors
    return processors


def default_processor(request: AnyRequest) -> Processor:
    """The one that payments go through unless the customer says otherwise: the first."""
    return next(iter(processors_of(request).values()))


def find_processor(request: AnyRequest, key: str) -> Processor:
    """Raises NotFound."""
    processor = processors_of(request).get(key)
    if processor is None:
        raise NotFound(_("There is no such page."))
    return processor


def go_to_payment(request: AnyRequest, payment: PaymentView) -> Response[Any]:
    """On to the processor's page; where that is not known yet, to the payment's own."""
    return go_to(request, payment.pay_url or request.app.route_reverse("payments.show", code=payment.code))
