"""Pages and parts of pages that are rendered and compressed once, and sent many times."""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from litestar.response.base import ASGIResponse

from routes.htmx import AnyRequest

HTML = "text/html"  # Litestar adds the character set

# Anybody may keep the visitor's page, and asks each time whether it is still the newest.
_PUBLIC = {"cache-control": "public, max-age=0, must-revalidate", "vary": "Cookie, Accept-Encoding"}
_VARIES = {"vary": "Cookie, Accept-Encoding"}

_RAW_DEFLATE = -15
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x01\x00\x00\xff\xff"  # empty, stored, final


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a page: as it is, and as whole blocks of a deflate stream that point to nothing outside of it."""

    body: bytes
    deflated: bytes

    @classmethod
    def compressed(cls, body: bytes) -> "Part":
        compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
        # A full flush ends on a byte and forgets what came before.
        return cls(body, compressor.compress(body) + compressor.flush(zlib.Z_FULL_FLUSH))

    @classmethod
    def stored(cls, body: bytes) -> "Part":
        """Uncompressed, for what is new in every answer; at most 65,535 bytes (RFC 1951, 3.2.4)."""
        size = len(body)
        return cls(body, b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + body)


def answer_with(parts: Sequence[Part], request: AnyRequest) -> ASGIResponse:
    """A page of these parts for one person, put together without compressing anything again."""
    body = b"".join(part.body for part in parts)
    if not _takes_gzip(request):
        return ASGIResponse(body=body, media_type=HTML, headers=_VARIES)
    # RFC 1952: the blocks one after another, then what they unpack to, for the reader to check.
    deflated = b"".join(part.deflated for part in parts)
    end = zlib.crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little")
    headers = {**_VARIES, "content-encoding": "gzip"}
    return ASGIResponse(body=_GZIP_HEAD + deflated + _LAST_BLOCK + end, media_type=HTML, headers=headers)


class KeptPage:
    """A whole page, the same for everybody without a session: plain, compressed, and "you have it already"."""

    def __init__(self, body: bytes) -> None:
        # Weak, since both encodings carry it.
        self._etag = f'W/"{sha256(body).hexdigest()[:20]}"'
        headers = {**_PUBLIC, "etag": self._etag}
        self._plain = ASGIResponse(body=body, media_type=HTML, headers=headers)
        self._gzipped = ASGIResponse(
            body=gzip.compress(body, mtime=0), media_type=HTML, headers={**headers, "content-encoding": "gzip"}
        )
        self._unchanged = ASGIResponse(status_code=304, headers=headers)

    def answer(self, request: AnyRequest) -> ASGIResponse:
        if self._etag in _header(request, b"if-none-match").decode("latin-1"):
            return self._unchanged
        return self._gzipped if _takes_gzip(request) else self._plain


def _takes_gzip(request: AnyRequest) -> bool:
    return b"gzip" in _header(request, b"accept-encoding")


def _header(request: AnyRequest, name: bytes) -> bytes:
    """Straight from the connection: Litestar's own view of all headers costs more than the rest of the answer."""
    return next((value for key, value in request.scope["headers"] if key == name), b"")
