"""Requests that the sandbox's provider accepts."""

from itertools import count
from typing import Any

from domain.dispatch.providers import OrderRequest
from models.catalog import ServiceType
from sandbox.provider.catalogue import services

KEY = "sandbox-provider-key"
_number = count(1)


def request(kind: ServiceType = ServiceType.DEFAULT, **values: Any) -> OrderRequest:
    """The smallest order of a type, on a link that nobody else orders."""
    service = next(service for service in services().values() if service.kind == kind)
    defaults: dict[str, Any] = {
        "external_service_id": str(service.id),
        "type": kind,
        "link": f"https://example.com/{next(_number)}",
        "quantity": service.minimum,
    }
    return OrderRequest(**defaults | values)
