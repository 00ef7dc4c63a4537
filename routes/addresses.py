"""What an address may hold, and the place in a long list that it asks for."""

from litestar.exceptions import ClientException

from domain.errors import NotFound
from domain.i18n import gettext as _
from routes.htmx import AnyRequest

LARGEST_ID = 2**63 - 1  # what a BIGINT holds
MOST_DIGITS = 18


def check_address(request: AnyRequest) -> None:
    """Stop an address that asks for what no column can hold, before the database says so in its own words.

    Raises ClientException for the character NUL, which no text has, and NotFound for an id that no row has.
    """
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise ClientException
    if any(isinstance(value, int) and abs(value) > LARGEST_ID for value in request.path_params.values()):
        raise NotFound(_("There is no such page."))


def read_before(request: AnyRequest) -> int | None:
    """`?before=`, the id below which the next page of a list begins; None for its beginning."""
    typed = request.query_params.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS else None
