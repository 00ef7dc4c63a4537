"""Pages and parts that are rendered and compressed once, and sent many times."""

import gzip
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from litestar.response.base import ASGIResponse

from routes.htmx import AnyRequest

HTML = "text/html"  # Litestar adds the character set
# Anybody may keep the visitor's page, and asks each time whether it is still the newest.
_PUBLIC = {"cache-control": "public, max-age=0, must-revalidate", "vary": "Cookie, Accept-Encoding"}
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_RAW_DEFLATE = -15

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The most recently used values; each is built when it is first asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def find(self, key: Key) -> Value | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def find_or_build(self, key: Key, build: Callable[[], Value]) -> Value:
        value = self.find(key)
        if value is None:
            value = self._values[key] = build()
            if len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


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
        headers = dict(request.scope["headers"])
        if self._etag in headers.get(b"if-none-match", b"").decode("latin-1"):
            return self._unchanged
        return self._gzipped if b"gzip" in headers.get(b"accept-encoding", b"") else self._plain


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of many pages, compressed beforehand to stand in the middle of a gzip stream (RFC 1951 and 1952)."""

    body: bytes
    deflated: bytes

    @classmethod
    def of(cls, text: str) -> "Part":
        body = text.encode()
        compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
        # A full flush ends on a byte and forgets what came before: nothing inside points outside of it.
        return cls(body, compressor.compress(body) + compressor.flush(zlib.Z_FULL_FLUSH))

    def gzip_between(self, head: bytes, tail: bytes) -> bytes:
        """The gzip stream of `head`, this part and `tail`, of which only head and tail are compressed now."""
        before = zlib.compressobj(1, zlib.DEFLATED, _RAW_DEFLATE)
        after = zlib.compressobj(1, zlib.DEFLATED, _RAW_DEFLATE)
        checksum = zlib.crc32(tail, zlib.crc32(self.body, zlib.crc32(head)))
        size = len(head) + len(self.body) + len(tail)
        return b"".join(
            (
                _GZIP_HEAD,
                before.compress(head),
                before.flush(zlib.Z_FULL_FLUSH),
                self.deflated,
                after.compress(tail),
                after.flush(zlib.Z_FINISH),
                checksum.to_bytes(4, "little"),
                (size & 0xFFFFFFFF).to_bytes(4, "little"),
            )
        )
