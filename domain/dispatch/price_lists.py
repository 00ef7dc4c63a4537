"""Which providers there are, and when their price lists are read again."""

from datetime import timedelta

import structlog

from domain import catalog
from domain.catalog import UnusablePriceList
from domain.clock import now
from domain.dispatch.desk import Desk
from domain.dispatch.health import note_success, note_trouble
from domain.dispatch.providers import ProviderDown
from models.catalog import Provider, Trouble
from models.database import fetch

log = structlog.get_logger("price_lists")

READ_EVERY = timedelta(hours=1)  # some providers allow ten readings an hour (API v2 contract, chapter 12)


async def register(key: str, *, name: str, currency: str, markup_percent: int) -> None:
    """Make sure that the provider of the settings has its row; what staff changed in it stays."""
    await fetch(
        "INSERT INTO providers (key, name, currency, markup_percent) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        key,
        name,
        currency,
        markup_percent,
    )


async def read_due(desk: Desk) -> bool:
    """Bring the catalogue up to the price lists that are older than an hour, or known to be wrong.

    False when one of them could not be read; the catalogue is then as it was.
    """
    due = await Provider.objects().where(
        Provider.active.eq(value=True),
        Provider.key.is_in(list(desk.providers)),
        Provider.synced_at.is_null() | (Provider.synced_at < now() - READ_EVERY),
    )
    return all([await _read(provider, desk) for provider in due])


async def _read(provider: Provider, desk: Desk) -> bool:
    try:
        offers = await desk.providers[provider.key].list_services()
        report = await catalog.sync(provider, offers)
    except (ProviderDown, UnusablePriceList) as error:
        await note_trouble(provider.id, Trouble.READING, str(error))
        return False
    await note_success(provider.id, Trouble.READING)
    log.info("price list read", provider=provider.key, listed=report.listed, added=report.added, changed=report.changed)
    return True
