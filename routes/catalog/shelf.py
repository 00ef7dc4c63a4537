"""What was rendered of the catalogue's newest version; the next version begins with an empty shelf."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from litestar.response.base import ASGIResponse
from markupsafe import Markup

from domain import catalog, i18n
from domain.catalog import Snapshot
from routes.catalog.kept import KeptPage, Part, answer_with
from routes.catalog.looks import Look
from routes.catalog.results import Results
from routes.frame import TOKEN_PLACE, alike
from routes.htmx import AnyRequest
from routes.kept import Kept
from routes.pages import Pages
from routes.viewer import Viewer, viewer_of

# Kept of one version: more addresses and headers than are asked for within its life.
SIZE = 300
LONGEST_QUERY = 300  # bytes; a longer one is answered and forgotten

LIST_PATH = "/services"
# Where the parts go in a frame. What a person typed never holds these unescaped.
PLACES = {name: Markup(f"<!--{name}-->") for name in ("title", "search", "results")}  # noqa: S704 - our own words
_PLACE = re.compile("(" + "|".join([*PLACES.values(), re.escape(TOKEN_PLACE)]) + ")")

Query = tuple[str, bytes]  # locale, and the address from the question mark on


@dataclass(frozen=True, slots=True)
class Pieces:
    """What an address of the list shows to everybody alike."""

    title: Part
    search: Part
    results: Part


class Shelf:
    """Answers for the list. One of them for each application."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._snapshot: Snapshot | None = None

    def visitor_page(self, request: AnyRequest, build: Callable[[], bytes]) -> ASGIResponse:
        """A page that is the same for everybody without a session, built once for its address."""
        self._follow(catalog.snapshot())
        query: bytes = request.scope["query_string"]
        if len(query) > LONGEST_QUERY:
            return KeptPage(build()).answer(request)
        key = (i18n.locale.get(), request.scope["path"], query)
        return self._visitor_pages.find_or_build(key, lambda: KeptPage(build())).answer(request)

    def list_page(self, request: AnyRequest) -> ASGIResponse:
        """The list: a kept page for a visitor; for others their own frame around what everybody sees."""
        viewer = viewer_of(request)
        if viewer.session_id is None:
            return self.visitor_page(request, lambda: b"".join(part.body for part in self._list_parts(request, viewer)))
        self._follow(catalog.snapshot())
        return answer_with(self._list_parts(request, viewer), request)

    def _follow(self, snapshot: Snapshot) -> None:
        if self._snapshot is not snapshot:
            self._snapshot = snapshot
            self._results = Results(self._pages, snapshot)
            self._visitor_pages: Kept[tuple[str, str, bytes], KeptPage] = Kept(SIZE)
            self._pieces: Kept[Query, Pieces] = Kept(SIZE)
            self._frames: Kept[tuple[str, Viewer], list[tuple[str, Part]]] = Kept(SIZE)

    def _list_parts(self, request: AnyRequest, viewer: Viewer) -> list[Part]:
        pieces = self._find_pieces(request)
        like = alike(viewer)
        frame = self._frames.find_or_build((i18n.locale.get(), like), lambda: self._render_frame(like))
        moving = {
            PLACES["title"]: pieces.title,
            PLACES["search"]: pieces.search,
            PLACES["results"]: pieces.results,
            TOKEN_PLACE: Part.stored(viewer.csrf_token.encode()),
        }
        return [moving.get(place, part) for place, part in frame]

    def _find_pieces(self, request: AnyRequest) -> Pieces:
        query: bytes = request.scope["query_string"]
        if len(query) > LONGEST_QUERY:
            return self._render_pieces(request)
        return self._pieces.find_or_build((i18n.locale.get(), query), lambda: self._render_pieces(request))

    def _render_pieces(self, request: AnyRequest) -> Pieces:
        look = Look.read(request.query_params)
        texts = (self._results.title(look), self._results.search(look), self._results.render(look))
        return Pieces(*(Part.compressed(text.encode()) for text in texts))

    def _render_frame(self, like: Viewer) -> list[tuple[str, Part]]:
        """The page around the list for everybody who sees the same header: its texts, and the places between them."""
        text = self._pages.render(
            "catalog/list.html",
            {"viewer": like, "path": LIST_PATH, "frame": self._pages.frames.find(like, LIST_PATH), "places": PLACES},
        )
        return [(piece, Part.compressed(piece.encode())) for piece in _PLACE.split(text)]
