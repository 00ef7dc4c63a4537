"""What is on sale, what a quantity of it costs, and how a provider's price list becomes the shop's."""

from domain.catalog.listing import Filters, Group, Listing, Sort, find
from domain.catalog.prices import quote
from domain.catalog.snapshot import Snapshot
from domain.catalog.sync import SyncReport, UnusablePriceList, sync
from domain.catalog.types import FIELDS, SOLD_TYPES, Billing, Field, FieldKind, billed_quantity, filled_lines
from domain.catalog.versions import add_revisions, announce_change
from domain.catalog.views import CategoryView, ServiceView
from domain.catalog.watch import is_loaded, kept_fresh, load, snapshot
from domain.catalog.withdrawn import WithdrawnService, find_withdrawn

__all__ = [
    "FIELDS",
    "SOLD_TYPES",
    "Billing",
    "CategoryView",
    "Field",
    "FieldKind",
    "Filters",
    "Group",
    "Listing",
    "ServiceView",
    "Snapshot",
    "Sort",
    "SyncReport",
    "UnusablePriceList",
    "WithdrawnService",
    "add_revisions",
    "announce_change",
    "billed_quantity",
    "filled_lines",
    "find",
    "find_withdrawn",
    "is_loaded",
    "kept_fresh",
    "load",
    "quote",
    "snapshot",
    "sync",
]
