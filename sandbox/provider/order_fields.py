"""What an `add` call must carry for each type of service, and what quantity it amounts to."""

from urllib.parse import urlsplit

from sandbox.fields import Fields
from sandbox.provider import errors
from sandbox.provider.catalogue import Service
from sandbox.provider.errors import Refusal

# Fields after service and link, by type; a type with a list field is counted by its lines instead of a quantity.
NEEDED = {
    "Default": ("quantity",),
    "Package": (),
    "SEO": ("quantity", "keywords"),
    "Custom Comments": ("comments",),
    "Custom Comments Package": ("comments",),
    "Comment Replies": ("username", "comments"),
    "Mentions with Hashtags": ("quantity", "usernames", "hashtags"),
    "Poll": ("quantity", "answer_number"),
    "Web Traffic": ("quantity", "country", "device", "type_of_traffic"),
}
COUNTED_BY_LINE = {"Custom Comments": "comments", "Comment Replies": "comments"}
# Web Traffic: the traffic type decides which further field is needed.
TRAFFIC_NEEDS = {"1": "google_keyword", "2": "referring_url"}


def check_link(link: str) -> str:
    parts = urlsplit(link)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refusal(errors.BAD_LINK)
    return link


def check_needed(service: Service, fields: Fields) -> None:
    needed = list(NEEDED[service.kind])
    if service.kind == "Web Traffic":
        needed.extend(filter(None, [TRAFFIC_NEEDS.get(fields.get("type_of_traffic", ""))]))
    for name in needed:
        if not fields.get(name, "").strip() and name != "quantity":
            raise Refusal(errors.MISSING_FIELD.format(name))


def read_quantity(service: Service, fields: Fields) -> int:
    """The billed quantity: lines for a list, one for a package. Refused outside the service's limits."""
    if service.is_package:
        return 1
    if service.kind in COUNTED_BY_LINE:
        quantity = sum(1 for line in fields[COUNTED_BY_LINE[service.kind]].splitlines() if line.strip())
    else:
        quantity = _whole_number(fields.get("quantity", ""))
    if quantity < service.minimum:
        raise Refusal(errors.BELOW_MINIMUM.format(service.minimum))
    if quantity > service.maximum:
        raise Refusal(errors.ABOVE_MAXIMUM.format(service.maximum))
    return quantity


def read_runs(service: Service, fields: Fields) -> int:
    """How often a drip-feed repeats the quantity; 1 where it is no drip-feed."""
    if not service.dripfeed:
        return 1
    return max(1, _whole_number(fields.get("runs", "")))


def read_interval(fields: Fields) -> int:
    """Minutes between two runs."""
    return _whole_number(fields.get("interval", ""))


def _whole_number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else 0
