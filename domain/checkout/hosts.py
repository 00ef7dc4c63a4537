"""Which hosts a link may lead to: names and addresses of the public internet, in one spelling."""

import re
from ipaddress import IPv4Address, IPv6Address

import idna

from domain.errors import Invalid
from domain.i18n import gettext as _

MAX_HOST = 253
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")

# Names that no public resolver answers for: RFC 6761, 6762, 8375, 9476 and what home routers hand out.
_INTERNAL = frozenset(
    {"localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "alt"}
)
# Prefixes that another host's shop window or phone edition carries before the same address.
_TWINS = ("www.", "m.", "mobile.", "web.", "touch.")


class BadLink(Invalid):
    """The link cannot be used, and the sentence beside the field `link` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__({"link": sentence})


def normalise_host(typed: str) -> str:
    """Lower-case, in ASCII (IDNA 2008 with UTS 46 mapping), an address in its usual notation.

    Raises BadLink for names and addresses that are not on the public internet, in whatever notation.
    """
    if typed.startswith("["):
        return _public_address_v6(typed)
    host = _to_ascii(typed).removesuffix(".")
    labels = host.split(".")
    if not host:
        raise BadLink(_("The link names no website."))
    if _NUMBER.fullmatch(labels[-1]):
        return _public_address_v4(labels)
    if len(labels) == 1 or labels[-1] in _INTERNAL:
        raise BadLink(
            _("“%(host)s” is not on the public internet. Give an address such as https://www.example.com/page.")
            % {"host": host}
        )
    if len(host) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _not_a_host(typed)
    return host


def fold_host(host: str) -> str:
    """The host that a phone edition or `www.` stands for: one key for every edition of a site."""
    for prefix in _TWINS:
        rest = host.removeprefix(prefix)
        if rest != host and "." in rest:
            return rest
    return host


def _to_ascii(typed: str) -> str:
    if typed.isascii():
        return typed.lower()
    try:
        return idna.encode(typed, uts46=True).decode()
    except UnicodeError as error:  # idna's own errors are UnicodeErrors
        raise _not_a_host(typed) from error


def _public_address_v6(typed: str) -> str:
    try:
        address = IPv6Address(typed[1:-1])
    except ValueError as error:
        raise _not_a_host(typed) from error
    if address.ipv4_mapped is not None:
        return _public_address(address.ipv4_mapped)
    # Tunnels carry an IPv4 address inside, which may well be a private one.
    if address.sixtofour is not None or address.teredo is not None or address.is_site_local or address.scope_id:
        raise _not_public()
    return f"[{_public_address(address)}]"


def _public_address_v4(labels: list[str]) -> str:
    """Read an IPv4 address as browsers and inet_aton do: one to four parts, decimal, octal or hexadecimal."""
    parts = [_part_of_address(label) for label in labels]
    *heads, last = parts
    room = 4 - len(heads)
    if len(parts) > 4 or any(head > 255 for head in heads) or last >= 256**room:
        raise _not_a_host(".".join(labels))
    value = last + sum(head << 8 * (3 - place) for place, head in enumerate(heads))
    return _public_address(IPv4Address(value))


def _part_of_address(label: str) -> int:
    if not _NUMBER.fullmatch(label):
        raise _not_a_host(label)
    try:
        if label.startswith("0x"):
            return int(label[2:] or "0", 16)
        return int(label, 8 if label.startswith("0") else 10)
    except ValueError as error:  # an 8 or 9 in an octal number, or far too many digits
        raise _not_a_host(label) from error


def _public_address(address: IPv4Address | IPv6Address) -> str:
    if not address.is_global or address.is_multicast or address.is_reserved:
        raise _not_public()
    return str(address)


def _not_public() -> BadLink:
    return BadLink(_("That address belongs to a private or reserved network. Give a public one."))


def _not_a_host(typed: str) -> BadLink:
    return BadLink(_("“%(host)s” is not the name of a website.") % {"host": typed})
