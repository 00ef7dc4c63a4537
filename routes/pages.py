"""Turns a template and what it shows into an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from litestar import Litestar, Response
from markupsafe import Markup

from domain import i18n
from routes.assets import Assets
from routes.cookies import cookie_name
from routes.filters import Filters
from routes.frame import Frames
from routes.htmx import AnyRequest
from routes.viewer import viewer_of
from settings import Settings

HTML = "text/html"  # Litestar adds the charset


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What every page knows about the shop itself."""

    name: str
    currency: str
    contact_email: str
    base_url: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            name="Upfront",
            currency=settings.currency,
            contact_email=settings.contact_email,
            base_url=settings.base_url,
        )

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https://")


class Pages:
    """The shop's templates, with their globals and filters."""

    def __init__(self, folder: Path, assets: Assets, shop: Shop) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            # Looking whether a file changed costs a system call for each template of each page.
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        self.environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
        self.environment.globals |= {
            "_": _translate,
            "asset": assets.url,
            "shop_name": shop.name,
            "currency": shop.currency,
            "contact_email": shop.contact_email,
            "base_url": shop.base_url,
            "is_secure": shop.is_secure,
            "session_cookie": cookie_name(secure=shop.is_secure),
        }
        Filters(shop.currency).install(self.environment)
        self.frames = Frames(self.render)

    def bind(self, app: Litestar) -> None:
        """Let templates name routes instead of spelling their addresses."""
        self.environment.globals["url"] = _Addresses(app.route_reverse)

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """The text of a template, for a page or a letter."""
        return self.environment.get_template(template).render(
            locale=i18n.locale.get(), direction=i18n.direction(), **context
        )


@pass_eval_context
def _translate(mode: EvalContext, message: str, **variables: Any) -> str:
    """`_("%(n)s left", n=3)`: the sentence, its variables escaped where the template escapes.

    The extension's own looks itself up in the context each time; a page has dozens of sentences.
    """
    text = i18n.gettext(message)
    if "%" not in text:
        return Markup(text) if mode.autoescape else text  # noqa: S704 - a sentence of the shop or its translators
    return Markup(text) % variables if mode.autoescape else text % variables  # noqa: S704 - see above


class _Addresses:
    """`url("orders.show", code=...)`; addresses without parameters are looked up once."""

    def __init__(self, reverse: Callable[..., str]) -> None:
        self._reverse = reverse
        self._plain: dict[str, str] = {}

    def __call__(self, name: str, **parameters: Any) -> str:
        if parameters:
            return self._reverse(name, **parameters)
        if name not in self._plain:
            self._plain[name] = self._reverse(name)
        return self._plain[name]


def page(request: AnyRequest, template: str, *, status: int = 200, **context: Any) -> Response[bytes]:
    """Answer with a template. `viewer`, `path` and `frame` are there for every one."""
    pages: Pages = request.app.state.pages
    viewer = viewer_of(request)
    path = request.scope["path"]
    around = {"viewer": viewer, "path": path, "frame": pages.frames.find(viewer, path)}
    text = pages.render(template, {**around, **context})
    return Response(text.encode(), media_type=HTML, status_code=status)
