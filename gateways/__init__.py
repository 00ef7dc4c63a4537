"""Other people's computers: each gateway speaks one protocol and answers in the shop's own words."""

from collections.abc import Mapping

from domain.payments.processors import Processors
from gateways.api_v2 import ApiV2
from gateways.cardlink import Cardlink


def open_processors(*, cardlink_url: str, cardlink_token: str, cardlink_shop_id: str) -> Processors:
    """Every processor of the shop by its key; nothing is connected before the first call."""
    cardlink = Cardlink(cardlink_url, token=cardlink_token, shop_id=cardlink_shop_id)
    return {cardlink.key: cardlink}


async def close_processors(processors: Processors) -> None:
    for processor in processors.values():
        await processor.aclose()


def open_providers(*, key: str, url: str, api_key: str) -> Mapping[str, ApiV2]:
    """Every provider of the shop by the key of its row; nothing is connected before the first call."""
    return {key: ApiV2(url, api_key=api_key)}


async def close_providers(providers: Mapping[str, ApiV2]) -> None:
    for provider in providers.values():
        await provider.aclose()
