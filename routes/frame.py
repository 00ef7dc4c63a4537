"""The parts around every page, rendered once for each state a person's header can be in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from domain import i18n
from routes.viewer import Viewer

# People whose header is kept; the least recently seen makes room.
SIZE = 2_000

# Stands where a form's token goes: the token differs in every answer, the rest of the header does not.
TOKEN_PLACE = "\N{START OF TEXT}"  # noqa: S105 - a mark that no name can hold

Render = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the head says, the parts of the header, and all that stands below the page."""

    head: Markup
    mark: Markup
    search: Markup
    navigation: Markup
    foot: Markup


class _AnyToken(Viewer):
    """A viewer as others of the same look see the page."""

    @property
    def csrf_token(self) -> str:
        return TOKEN_PLACE if self.session_id else ""


class Frames:
    """Finds or renders the frame for a viewer."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._kept = lru_cache(SIZE)(self._build)

    def find(self, viewer: Viewer, path: str) -> Frame:
        """The frame with this answer's own token in its forms."""
        section = "/" + path.split("/", 2)[1]
        kept = self._kept(i18n.locale.get(), alike(viewer), section)
        token = viewer.csrf_token
        if not token:
            return kept
        navigation, foot = _with_token(kept.navigation, token), _with_token(kept.foot, token)
        return replace(kept, navigation=navigation, foot=foot)

    def _build(self, _locale: str, viewer: Viewer, section: str) -> Frame:
        context = {"viewer": viewer, "path": section}
        files = {"head": "_head", "mark": "_mark", "search": "_search", "navigation": "_site_nav", "foot": "_foot"}
        parts = {part: self._render(f"shared/{file}.html", context) for part, file in files.items()}
        return Frame(**{part: Markup(text) for part, text in parts.items()})  # noqa: S704 - our own templates


def alike(viewer: Viewer) -> Viewer:
    """What of a viewer the frame shows; two sessions of one person share it."""
    fields = {name: getattr(viewer, name) for name in ("account", "staff_id", "balance", "cart_count", "theme")}
    return _AnyToken(**fields, session_id=None if viewer.session_id is None else 1)


def _with_token(part: Markup, token: str) -> Markup:
    return Markup(part.replace(TOKEN_PLACE, token))  # noqa: S704 - a token is hexadecimal
