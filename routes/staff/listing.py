"""What the lists of the staff section share: filters that are the address, and the way to the next page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from domain.staff import Page
from routes.addresses import read_before
from routes.htmx import AnyRequest
from routes.viewer import viewer_of

State = TypeVar("State", bound=StrEnum)

ALL = "all"
MAX_SEARCH = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """The state, the words and the place in the list that an address asks for."""

    path: str
    state: str
    search: str
    before: int | None

    @classmethod
    def read(cls, request: AnyRequest) -> "Filters":
        query = request.query_params
        return cls(
            path=request.url.path,
            state=query.get("state", ""),
            search=query.get("q", "").strip()[:MAX_SEARCH],
            before=read_before(request),
        )

    def chosen(self, states: type[State], *, default: State | None = None) -> State | None:
        """The state to show; None for all of them. An unknown word asks for the default."""
        if self.state == ALL:
            return None
        return states(self.state) if self.state in set(states) else default

    def with_state(self, state: str) -> str:
        """The address of the same list for one state, from its beginning."""
        return self._address(state=state, q=self.search)

    def after(self, page: Page) -> str:
        """The address of the next page; "" after the last one."""
        return self._address(state=self.state, q=self.search, before=str(page.before)) if page.before else ""

    def _address(self, **parameters: str) -> str:
        query = urlencode({name: value for name, value in parameters.items() if value})
        return f"{self.path}?{query}" if query else self.path


def staff_of(request: AnyRequest) -> int:
    """The member of staff behind a request that the router's guard has let in."""
    staff_id = viewer_of(request).staff_id
    if staff_id is None:
        raise RuntimeError("This route hangs outside the guarded router.")
    return staff_id
