"""Providers that speak API v2, the protocol that panels and their suppliers share."""

from gateways.api_v2.client import ApiV2

__all__ = ["ApiV2"]
