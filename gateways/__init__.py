"""Other people's computers: each gateway speaks one protocol and answers in the shop's own words."""

from domain.payments.processors import Processors
from gateways.cardlink import Cardlink


def open_processors(*, cardlink_url: str, cardlink_token: str, cardlink_shop_id: str) -> Processors:
    """Every processor of the shop by its key; nothing is connected before the first call."""
    cardlink = Cardlink(cardlink_url, token=cardlink_token, shop_id=cardlink_shop_id)
    return {cardlink.key: cardlink}


async def close_processors(processors: Processors) -> None:
    for processor in processors.values():
        await processor.aclose()
