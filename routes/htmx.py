"""The only file that reads or writes an HX- header."""

import json
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

AnyRequest = Request[Any, Any, Any]


def wants_fragment(request: AnyRequest) -> bool:
    """Whether htmx asks for a piece of a page; history and boosted navigation ask for the whole."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type", "partial") != "full"


def fragment_or_redirect(request: AnyRequest, partial: Response[Any], *, url: str) -> Response[Any]:
    """Answer htmx with a partial, and a browser without script with a 303."""
    return partial if wants_fragment(request) else Redirect(url, status_code=303)


def go_to(request: AnyRequest, url: str) -> Response[Any]:
    """Send the whole page elsewhere: a 303 for a browser, HX-Redirect for htmx."""
    if request.headers.get("HX-Request") == "true":
        return Response(b"", status_code=200, headers={"HX-Redirect": url}, media_type="text/html")
    return Redirect(url, status_code=303)


def toast(response: Response[Any], message: str) -> Response[Any]:
    """Have the page say `message` in its live region once the fragment is in place (shop.js listens for `toast`)."""
    # Headers are Latin-1: JSON's own escapes keep every language intact.
    response.headers["HX-Trigger"] = json.dumps({"toast": {"message": message}})
    return response
