"""Services that people may still have a link to, although they are not for sale now."""

from dataclasses import dataclass

from domain.errors import NotFound
from domain.i18n import gettext as _
from models.database import fetch_one


@dataclass(frozen=True, slots=True)
class WithdrawnService:
    id: int
    name: str
    category_id: int
    category_name: str


async def find_withdrawn(service_id: int) -> WithdrawnService:
    """A service that the picture in memory lacks. Raises NotFound for one that never was."""
    row = await fetch_one(_FIND, service_id)
    if row is None:
        raise NotFound(_("There is no such service."))
    return WithdrawnService(*row)


_FIND = "SELECT s.id, s.name, c.id, c.name FROM services s JOIN categories c ON c.id = s.category WHERE s.id = $1"
