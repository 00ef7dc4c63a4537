"""Static files under content-hashed names: built once at start-up, served compressed, kept by browsers for ever."""

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from litestar.types import Receive, Scope, Send

PREFIX = "/static/"
COMPRESSED = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/json"})
HASH_LENGTH = 12

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


@dataclass(frozen=True, slots=True)
class Asset:
    url: str
    media_type: str
    body: bytes
    gzipped: bytes | None


class Assets:
    """Every file of a folder, in memory. The style sheet is one file, made of `css/*.css` in name order."""

    def __init__(self, folder: Path) -> None:
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        bodies = {name: path.read_bytes() for name, path in files.items() if not name.startswith("css/")}
        bodies["css/shop.css"] = b"\n".join(
            path.read_bytes() for name, path in files.items() if name.startswith("css/")
        )
        self._assets = {name: _build(name, body) for name, body in bodies.items()}
        self._by_url = {asset.url: asset for asset in self._assets.values()}

    def url(self, name: str) -> str:
        """The address of a static file. Raises KeyError for one that does not exist."""
        return self._assets[name].url

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        asset = self._by_url.get(scope["path"])
        headers = dict(scope["headers"])
        if asset is None:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"Not found")
        elif headers.get(b"if-none-match") == _etag(asset):
            await _answer(send, 304, [(b"etag", _etag(asset))], b"")
        else:
            await _send_asset(asset, send, compressed=b"gzip" in headers.get(b"accept-encoding", b""))


def _build(name: str, body: bytes) -> Asset:
    stem, _, suffix = name.rpartition(".")
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(
        url=f"{PREFIX}{stem}.{sha256(body).hexdigest()[:HASH_LENGTH]}.{suffix}",
        media_type=f"{media_type}; charset=utf-8" if media_type in COMPRESSED else media_type,
        body=body,
        gzipped=gzip.compress(body, mtime=0) if media_type in COMPRESSED else None,
    )


def _etag(asset: Asset) -> bytes:
    return f'"{asset.url.rsplit(".", 2)[1]}"'.encode()


async def _send_asset(asset: Asset, send: Send, *, compressed: bool) -> None:
    headers = [
        (b"content-type", asset.media_type.encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"etag", _etag(asset)),
        (b"vary", b"Accept-Encoding"),
    ]
    body = asset.body
    if compressed and asset.gzipped is not None:
        headers.append((b"content-encoding", b"gzip"))
        body = asset.gzipped
    await _answer(send, 200, headers, body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
