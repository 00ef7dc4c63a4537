"""The list of services: the whole state is in its address, and nothing is rendered twice for one version."""

from litestar import get
from litestar.response.base import ASGIResponse

from domain import catalog, i18n
from domain.catalog import Snapshot
from routes.catalog.kept import HTML, Kept, KeptPage, Part
from routes.catalog.looks import Look
from routes.catalog.results import Results
from routes.htmx import AnyRequest
from routes.pages import Pages, page
from routes.viewer import viewer_of

# Addresses kept of one version; more than people ask for within its life.
SIZE = 200
LONGEST_QUERY = 300
# Where the results stand in a page around them; what a person typed never holds it unescaped.
PLACE = b"<!--results-->"


@get("/services", name="catalog.list")
async def list_services(request: AnyRequest) -> ASGIResponse:
    shelf: Shelf = request.app.state.shelf
    if viewer_of(request).session_id is None:
        return shelf.visitor_page(request).answer(request)
    return shelf.own_page(request)


class Shelf:
    """What was rendered of the catalogue's newest version; the next version begins with an empty one."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._snapshot: Snapshot | None = None

    def visitor_page(self, request: AnyRequest) -> KeptPage:
        """The page that is the same for everybody without a session."""
        self._follow(catalog.snapshot())
        query: bytes = request.scope["query_string"]
        key = (i18n.locale.get(), query)
        if len(query) > LONGEST_QUERY:
            return self._render(request)
        return self._visitor_pages.find_or_build(key, lambda: self._render(request))

    def own_page(self, request: AnyRequest) -> ASGIResponse:
        """The customer's own frame around results that are the same for everybody, already compressed."""
        self._follow(catalog.snapshot())
        look = Look.read(request.query_params)
        part = self._part(look)
        head, tail = self._frame(request, look)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return ASGIResponse(body=head + part.body + tail, media_type=HTML)
        headers = {"content-encoding": "gzip", "vary": "Cookie, Accept-Encoding"}
        return ASGIResponse(body=part.gzip_between(head, tail), media_type=HTML, headers=headers)

    def _follow(self, snapshot: Snapshot) -> None:
        if self._snapshot is not snapshot:
            self._snapshot = snapshot
            self._results = Results(self._pages, snapshot)
            self._parts: Kept[tuple[str, Look], Part] = Kept(SIZE)
            self._visitor_pages: Kept[tuple[str, bytes], KeptPage] = Kept(SIZE)

    def _render(self, request: AnyRequest) -> KeptPage:
        look = Look.read(request.query_params)
        head, tail = self._frame(request, look)
        return KeptPage(head + self._part(look).body + tail)

    def _part(self, look: Look) -> Part:
        return self._parts.find_or_build((i18n.locale.get(), look), lambda: Part.of(self._results.render(look)))

    def _frame(self, request: AnyRequest, look: Look) -> tuple[bytes, bytes]:
        shell = page(request, "catalog/list.html", look=look, heading=self._results.heading(look))
        head, _, tail = shell.content.partition(PLACE)
        return head, tail
