"""The part of the list that a search replaces: choices, count and one page of services."""

from dataclasses import replace

from markupsafe import Markup, escape

from domain.catalog import FIELDS, Billing, Group, Listing, ServiceView, Snapshot, Sort, find, platforms
from domain.i18n import gettext as _
from domain.i18n import locale
from routes.catalog.looks import Look
from routes.pages import Pages

# A rail of more than this waits for a platform: nobody reads a list of two hundred categories.
LONGEST_RAIL = 60

# Label, address, whether it is the current one, count: as the macro `chips` of shared/lists.html takes them.
Choice = tuple[str, str, bool, int | str]


class Results:
    """Renders the list of one snapshot; a service's row is made once for each language."""

    def __init__(self, pages: Pages, snapshot: Snapshot) -> None:
        self._pages = pages
        self._snapshot = snapshot
        self._rows: dict[tuple[str, int, bool], Markup] = {}
        self._macros = pages.environment.get_template("catalog/_row.html").module

    def heading(self, look: Look) -> str:
        category = self._snapshot.categories.get(look.category_id or 0)
        if category is not None:
            return category.name
        return platforms.label(look.platform) if look.platform in self._snapshot.platform_sets else _("Services")

    def title(self, look: Look) -> Markup:
        """What the browser's tab says."""
        if look.text:
            return escape(_("%(words)s in %(place)s") % {"words": look.text, "place": self.heading(look)})
        return escape(self.heading(look))

    def search(self, look: Look) -> str:
        """The search form in the header, holding this look."""
        return self._pages.render("catalog/_search.html", {"look": look})

    def render(self, look: Look) -> str:
        look = self._on_its_platform(look)
        listing = find(self._snapshot, look.filters, page=look.page)
        look = replace(look, page=listing.page)
        return self._pages.render(
            "catalog/_results.html",
            {
                "look": look,
                "heading": self.heading(look),
                "listing": listing,
                "groups": [(group, self._rows_of(group)) for group in listing.groups],
                "platforms": _platforms(look, listing),
                "categories": _categories(look, listing),
                "sorts": _sorts(look),
            },
        )

    def _on_its_platform(self, look: Look) -> Look:
        """A category is shown among those of its platform."""
        category = self._snapshot.categories.get(look.category_id or 0)
        return replace(look, platform=category.platform) if category and not look.platform else look

    def _rows_of(self, group: Group) -> list[Markup]:
        return [self._row(service, named=group.category is None) for service in group.services]

    def _row(self, service: ServiceView, *, named: bool) -> Markup:
        """A row, with its category's name where no heading says it."""
        key = (locale.get(), service.id, named)
        row = self._rows.get(key)
        if row is None:
            is_package = FIELDS[service.type].billing is Billing.PACKAGE
            row = self._rows[key] = self._macros.row(service, is_package, named)  # type: ignore[attr-defined]
        return row


def _platforms(look: Look, listing: Listing) -> list[Choice]:
    everywhere = (
        _("All"),
        look.everywhere().query(),
        not look.platform,
        sum(count for _key, count in listing.platforms),
    )
    return [
        everywhere,
        *(
            (platforms.label(key), look.on_platform(key).query(), key == look.platform, count)
            for key, count in listing.platforms
        ),
    ]


def _categories(look: Look, listing: Listing) -> list[Choice]:
    if len(listing.categories) > LONGEST_RAIL and not look.platform:
        return []
    return [
        (category.name, look.in_category(category.id).query(), category.id == look.category_id, count)
        for category, count in listing.categories
    ]


def _sorts(look: Look) -> list[Choice]:
    labels = {
        Sort.CATEGORY: _("Best match") if look.text else _("Category"),
        Sort.PRICE: _("Price"),
        Sort.SPEED: _("Speed"),
        Sort.NAME: _("Name"),
    }
    return [(label, look.sorted_by(sort).query(), sort is look.sort, "") for sort, label in labels.items()]
