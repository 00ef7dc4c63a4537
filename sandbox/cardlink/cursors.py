"""Cursor pages: a slice of a list with links to its neighbours."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.fields import Fields

USUAL, MOST = 15, 100


def page(rows: Sequence[dict[str, Any]], fields: Fields, *, url: str) -> dict[str, Any]:
    """The asked page of `rows` with links and meta as the API gives them."""
    size = min(max(_number(fields.get("per_page", ""), USUAL), 1), MOST)
    start = _decode(fields.get("cursor", ""))
    following = _encode(start + size) if start + size < len(rows) else None
    previous = _encode(max(0, start - size)) if start > 0 else None
    neighbours = {"prev": _link(url, fields, previous), "next": _link(url, fields, following)}
    return {
        "data": list(rows[start : start + size]),
        "links": {"first": None, "last": None, **neighbours},
        "meta": {"path": url, "per_page": size, "next_cursor": following, "prev_cursor": previous},
        "success": True,
    }


def _link(url: str, fields: Fields, cursor: str | None) -> str | None:
    return None if cursor is None else f"{url}?{urlencode({**fields, 'cursor': cursor})}"


def _encode(start: int) -> str:
    return base64.urlsafe_b64encode(f"after:{start}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return 0
    return _number(text.removeprefix("after:"), 0)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() else otherwise
