"""Brings the catalogue in line with a provider's price list: whole or not at all, in a handful of statements.

Readers are never blocked: they see the old catalogue until the transaction commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.catalog.offers import Offer, read_offers
from domain.catalog.plan import Line, Plan, make_plan, new_offers
from domain.catalog.platforms import platform_of
from domain.catalog.versions import add_revisions, announce_change
from domain.clock import now
from domain.dispatch.providers import OfferedService
from domain.errors import Refused
from domain.i18n import gettext as _
from models.catalog import Provider, ServiceState
from models.database import fetch, transaction


class UnusablePriceList(Refused):
    """The provider's answer holds nothing that could be sold; the catalogue stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, in services."""

    listed: int
    unusable: int  # lines of the list that nobody could order by
    added: int
    changed: int
    withdrawn: int


async def sync(provider: Provider, offered: Sequence[OfferedService]) -> SyncReport:
    """Make the provider's services those of its list, at its costs with markup.

    New services go on sale, or are switched off when their type is not sold here or they are free. Those no longer
    listed vanish and come back by themselves. What staff switched off stays off. Each change of name, price, limit or
    state adds a revision; any change raises the catalogue's version. Raises UnusablePriceList, changing nothing.
    """
    offers = read_offers(offered, markup_percent=provider.markup_percent)
    if not offers:
        raise UnusablePriceList(
            _("The price list of %(provider)s holds nothing usable, so the catalogue was left as it is.")
            % {"provider": provider.name}
        )
    async with transaction():
        # One sync of a provider at a time; a second one waits here and then finds nothing left to do.
        await fetch("SELECT FROM providers WHERE id = $1 FOR NO KEY UPDATE", provider.id)
        categories = await _ensure_categories(offers)
        plan = await _compare(provider.id, offers, categories)
        if not plan.is_empty:
            await _carry_out(provider.id, plan)
        await fetch("UPDATE providers SET synced_at = $2 WHERE id = $1", provider.id, now())
    return SyncReport(
        listed=len(offers),
        unusable=len(offered) - len(offers),
        added=len(plan.added),
        changed=len(plan.changed),
        withdrawn=len(plan.withdrawn),
    )


async def _ensure_categories(offers: Mapping[str, Offer]) -> dict[str, int]:
    """The ids of the list's categories by name; new ones come in the list's order."""
    names = list(dict.fromkeys(offer.category for offer in offers.values()))
    await fetch(
        "INSERT INTO categories (name, platform, position) SELECT * FROM unnest($1::text[], $2::text[], $3::int[])"
        " ON CONFLICT (name) DO NOTHING",
        names,
        [platform_of(name) for name in names],
        list(range(len(names))),
    )
    rows = await fetch("SELECT name, id FROM categories WHERE name = ANY($1::text[])", names)
    return {row["name"]: row["id"] for row in rows}


async def _compare(provider_id: int, offers: Mapping[str, Offer], categories: Mapping[str, int]) -> Plan:
    known = await fetch(_KNOWN, provider_id)
    new_ids = await _draw_ids(len(new_offers(known, offers)))
    return make_plan(known, offers, new_ids=new_ids, categories=categories)


_KNOWN = """
SELECT p.external_id, p.cost, p.listed, s.id, s.category, s.name, s.description, s.type, s.state, s.rate,
       s.min_quantity, s.max_quantity, s.refill, s.cancel, s.drip_feed, s.average_minutes
  FROM provider_services p JOIN services s ON s.id = p.service
 WHERE p.provider = $1
"""


async def _draw_ids(count: int) -> list[int]:
    """Drawn beforehand, since the rows of one INSERT come back in no promised order."""
    rows = await fetch("SELECT nextval('services_id_seq') AS id FROM generate_series(1, $1)", count)
    return [row["id"] for row in rows]


async def _carry_out(provider_id: int, plan: Plan) -> None:
    lines = plan.added + plan.changed
    await _write_services(lines)
    await _write_costs(provider_id, lines)
    await fetch(_WITHDRAW, plan.withdrawn, ServiceState.VANISHED, ServiceState.ON_SALE, now())
    await fetch(
        "UPDATE provider_services SET listed = false, synced_at = $3 WHERE provider = $1 AND external_id = ANY($2)",
        provider_id,
        plan.delisted,
        now(),
    )
    await add_revisions([line.service_id for line in plan.added], cause="import")
    await add_revisions(plan.revised + plan.withdrawn, cause="sync")
    await announce_change()


_WITHDRAW = "UPDATE services SET state = $2, updated_at = $4 WHERE id = ANY($1::bigint[]) AND state = $3"


async def _write_services(lines: Sequence[Line]) -> None:
    """Arrays, one for each column: ten thousand rows are 14 parameters of the 32,767 that a statement may have."""
    offers = [line.offer for line in lines]
    await fetch(
        _UPSERT_SERVICES,
        [line.service_id for line in lines],
        [line.category_id for line in lines],
        [offer.name for offer in offers],
        [offer.description for offer in offers],
        [offer.type for offer in offers],
        [line.state for line in lines],
        [offer.rate for offer in offers],
        [offer.min_quantity for offer in offers],
        [offer.max_quantity for offer in offers],
        [offer.refill for offer in offers],
        [offer.cancel for offer in offers],
        [offer.drip_feed for offer in offers],
        [offer.average_minutes for offer in offers],
        now(),
    )


# Staff may switch a service off while a sync is under way: off wins.
_UPSERT_SERVICES = """
INSERT INTO services AS s (id, category, name, description, type, state, rate, min_quantity, max_quantity,
                           refill, cancel, drip_feed, average_minutes, position, created_at, updated_at)
SELECT u.*, u.id, $14, $14
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bool[], $11::bool[], $12::bool[], $13::int[]) AS u (id)
    ON CONFLICT (id) DO UPDATE
   SET category = excluded.category, name = excluded.name, description = excluded.description, type = excluded.type,
       state = CASE s.state WHEN 'off' THEN s.state ELSE excluded.state END,
       rate = excluded.rate, min_quantity = excluded.min_quantity, max_quantity = excluded.max_quantity,
       refill = excluded.refill, cancel = excluded.cancel, drip_feed = excluded.drip_feed,
       average_minutes = excluded.average_minutes, updated_at = excluded.updated_at
"""


async def _write_costs(provider_id: int, lines: Sequence[Line]) -> None:
    await fetch(
        _UPSERT_COSTS,
        provider_id,
        [line.service_id for line in lines],
        [line.offer.external_id for line in lines],
        [line.offer.cost for line in lines],
        now(),
    )


_UPSERT_COSTS = """
INSERT INTO provider_services (provider, service, external_id, cost, listed, synced_at)
SELECT $1, u.service, u.external_id, u.cost, true, $5
  FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS u (service, external_id, cost)
    ON CONFLICT (provider, external_id) DO UPDATE
   SET cost = excluded.cost, listed = true, synced_at = excluded.synced_at
"""
