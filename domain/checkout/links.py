"""Links: what a customer typed, read as one public address, in one spelling, and named in plain words."""

import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import SplitResult, quote, urlsplit

from domain.checkout.hosts import BadLink, fold_host, normalise_host
from domain.checkout.platforms import find_profile, recognise
from domain.i18n import gettext as _

MAX_LINK = 2000
MAX_KEY = 500
DEFAULT_PORTS = {"http": 80, "https": 443}

# What messengers and address bars leave around a pasted link, some of it invisible.
_AROUND = " \t\r\n\f\v\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff<>\"'“”"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# "mailto:…" and "javascript:…" name a scheme; "example.com:8080" names a port.
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+-]*:(?!\d)", re.IGNORECASE)
_HANDLE = re.compile(r"@[\w.-]{1,64}", re.ASCII)

_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT_IN_PATH = "/:@!$&'()*+,;=~%"
_KEPT_IN_QUERY = _KEPT_IN_PATH + "?"

# Parameters that tell who shared or advertised an address and change nothing of what it shows.
_TRACKING = frozenset(
    {
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
        "li_fat_id", "igsh", "igshid", "ig_rid", "si", "mc_cid", "mc_eid", "mibextid", "mkt_tok", "ref_src",
        "ref_url", "srsltid", "share_id", "is_from_webapp", "is_copy_url", "sender_device", "_ga", "_gl", "_hsenc",
        "_hsmi", "oly_anon_id", "oly_enc_id", "vero_id",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """One address. `key` is the same for every spelling of it; `label` says in words what was understood."""

    url: str
    key: str
    label: str


def parse(typed: str, *, platform: str = "") -> Link:
    """Read a link, or an @name where `platform` has profiles, as one public http(s) address.

    Raises Invalid for the field `link`. Parsing the result's `url` gives the same Link again.
    """
    address = typed.strip(_AROUND)
    _refuse_unreadable(address)
    if address.startswith("@"):
        address = _profile_of(address, platform)
    parts = _split(_with_scheme(address))
    if "@" in parts.netloc:
        raise BadLink(_("A link must not hold a user name or password before the host."))
    link = _build(parts)
    if len(link.url) > MAX_LINK:
        raise _too_long()
    return link


def _refuse_unreadable(address: str) -> None:
    if not address:
        raise BadLink(_("Give the link that this order is for."))
    if len(address) > MAX_LINK:
        raise _too_long()
    if any(character.isspace() for character in address):
        raise BadLink(_("Give one link, without spaces."))
    if "\\" in address or not address.isprintable():
        raise BadLink(_("The link holds a character that no address may hold. Copy it again from the browser."))


def _too_long() -> BadLink:
    return BadLink(_("The link is too long: an address has at most 2,000 characters."))


def _profile_of(handle: str, platform: str) -> str:
    profile = find_profile(platform, handle.removeprefix("@")) if _HANDLE.fullmatch(handle) else None
    if profile is None:
        raise BadLink(_("Give the whole address, as the browser shows it, instead of a name with @."))
    return profile


def _with_scheme(address: str) -> str:
    scheme = _SCHEME.match(address)
    if scheme is None and not _OTHER_SCHEME.match(address):
        return "https://" + address.removeprefix("//")
    if scheme is None or scheme[1].lower() not in DEFAULT_PORTS:
        raise BadLink(_("The link must start with https:// or http://."))
    return address


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError as error:
        raise BadLink(_("This is not an address that a browser could open.")) from error
    return parts


def _build(parts: SplitResult) -> Link:
    host = normalise_host(_host_of(parts))
    path = _resolve(_tidy(parts.path, _KEPT_IN_PATH))
    segments = [segment for segment in path.split("/") if segment]
    query = [pair for pair in _tidy(parts.query, _KEPT_IN_QUERY).split("&") if pair and not _is_tracking(pair)]
    port = f":{parts.port}" if parts.port not in {None, DEFAULT_PORTS[parts.scheme]} else ""
    place = recognise(fold_host(host), segments, dict(_pair(text) for text in query)) if not port else None
    if place is not None:
        return Link(place.url, _short(place.key), place.label)
    url = f"{parts.scheme}://{host}{port}{path}" + _query(query)
    key = f"{fold_host(host)}{port}/{'/'.join(segments)}" + _query(sorted(query))
    return Link(url, _short(key), _("Website %(host)s") % {"host": fold_host(host)})


def _host_of(parts: SplitResult) -> str:
    """The host as typed: urlsplit's own `hostname` drops the brackets that tell an IPv6 address."""
    netloc = parts.netloc
    return netloc[: netloc.index("]") + 1] if netloc.startswith("[") and "]" in netloc else netloc.partition(":")[0]


def _tidy(text: str, kept: str) -> str:
    """Percent-encoding in one form (RFC 3986, 6.2.2): plain where it may be, upper-case where it may not."""
    return quote(_ESCAPE.sub(_normal_escape, text), safe=kept)


def _normal_escape(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _resolve(path: str) -> str:
    """The path without `.` and `..` (RFC 3986, 5.2.4)."""
    *folders, page = path.removeprefix("/").split("/")
    kept: list[str] = []
    for folder in [*folders, page] if page in {".", ".."} else folders:
        if folder == "..":
            del kept[-1:]
        elif folder != ".":
            kept.append(folder)
    return "/".join(["", *kept, "" if page in {".", ".."} else page])


def _query(pairs: list[str]) -> str:
    return "?" + "&".join(pairs) if pairs else ""


def _pair(text: str) -> tuple[str, str]:
    name, _equals, value = text.partition("=")
    return name, value


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith("utm_")


def _short(key: str) -> str:
    """A key that fits its column; two different long ones stay different."""
    return key if len(key) <= MAX_KEY else sha256(key.encode()).hexdigest()
