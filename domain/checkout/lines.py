"""Cart lines: what was typed for a service, checked by the rules of its type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal

from domain import money
from domain.catalog import FIELDS, SOLD_TYPES, ServiceView, billed_quantity, filled_lines, quote
from domain.catalog.types import Billing, Field, FieldKind
from domain.checkout import links
from domain.checkout.links import Link
from domain.errors import Invalid, Refused
from domain.i18n import gettext as _
from domain.i18n import locale

MAX_LINES = 50  # of one cart
MAX_TEXT = 200  # characters of a single-line field
MAX_LINE_TEXT = 1000  # characters of one comment

# A whole cart of these still fits the ledger's columns; nobody who buys for real comes near.
MAX_CHARGE = money.MAXIMUM // (2 * MAX_LINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a customer typed for one line; `fields` holds the type's own fields by their API v2 names."""

    link: str
    quantity: int | None
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLine:
    """A line that the service accepts. `quantity` is the billed one, `rate` (10^-8) the one that was shown."""

    service_id: int
    link: Link
    quantity: int
    fields: Mapping[str, str]
    rate: int


def check(service: ServiceView, typed: Typed) -> CheckedLine:
    """Check everything that was typed for an order of `service`.

    Raises Invalid with a sentence for every field at fault, or Refused when the service itself cannot be ordered.
    """
    if service.type not in SOLD_TYPES or service.rate == 0:
        raise Refused(_("This service can't be ordered at the moment."))
    errors: dict[str, str] = {}
    link = _read_link(typed.link, service.platform, errors)
    fields = _read_fields(service, typed.fields, errors)
    quantity = billed_quantity(service.type, quantity=typed.quantity or 0, fields=fields)
    if problem := quantity_problem(service, quantity):
        errors.setdefault(FIELDS[service.type].counted_field or "quantity", problem)
    if errors or link is None:
        raise Invalid(errors)
    return CheckedLine(service_id=service.id, link=link, quantity=quantity, fields=fields, rate=service.rate)


def quantity_problem(service: ServiceView, quantity: int) -> str:
    """What is wrong with a billed quantity, in a sentence; "" when the service takes it."""
    least, most = service.min_quantity, service.max_quantity
    if FIELDS[service.type].billing is not Billing.PACKAGE and not least <= quantity <= most:
        limits = {"least": _number(least), "most": _number(most)}
        if FIELDS[service.type].billing is Billing.LINES:
            return _("Fill in %(least)s to %(most)s lines, one for each.") % limits
        return _("Quantity must be %(least)s to %(most)s.") % limits
    if quote(service, quantity) > MAX_CHARGE:
        return _("That is more than one order can be. Split it or ask us.")
    return ""


def _number(value: int) -> str:
    return str(format_decimal(value, locale=locale.get()))


def _read_link(typed: str, platform: str, errors: dict[str, str]) -> Link | None:
    try:
        return links.parse(typed, platform=platform)
    except Invalid as invalid:
        errors |= invalid.errors
        return None


def _read_fields(service: ServiceView, typed: Mapping[str, str], errors: dict[str, str]) -> dict[str, str]:
    """The type's own fields in the form that goes to a provider, without those that are empty or not asked for."""
    fields: dict[str, str] = {}
    for field in FIELDS[service.type].fields:
        text = typed.get(field.name, "").strip()
        if not text:
            if _is_needed(field, typed):
                errors[field.name] = _("Fill this in.")
        elif field.needed_with is None or _is_needed(field, typed):
            try:
                fields[field.name] = _READERS[field.kind](field, text)
            except Invalid as invalid:
                errors[field.name] = str(invalid)
    return fields


def _is_needed(field: Field, typed: Mapping[str, str]) -> bool:
    if field.needed_with is None:
        return field.required
    other, value = field.needed_with
    return typed.get(other, "").strip() == value


def _read_text(field: Field, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise _wrong(field, _("Keep this under %(most)s characters.") % {"most": _number(MAX_TEXT)})
    if not text.isprintable():
        raise _wrong(field, _("Write this on one line."))
    return text


def _read_lines(field: Field, text: str) -> str:
    lines = filled_lines(text)
    if any(len(line) > MAX_LINE_TEXT for line in lines):
        raise _wrong(field, _("Keep each line under %(most)s characters.") % {"most": _number(MAX_LINE_TEXT)})
    # PostgreSQL's text holds no NUL, and no reader wants to see one.
    return "\n".join(lines).replace("\0", "")


def _read_url(_field: Field, text: str) -> str:
    return links.parse(text).url


def _read_number(field: Field, text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _wrong(field, _("Enter a whole number."))
    return text


def _read_choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise _wrong(field, _("Choose one of these."))
    return text


def _wrong(field: Field, sentence: str) -> Invalid:
    return Invalid({field.name: sentence})


# Dates belong to subscriptions, which this shop does not sell.
_READERS = {
    FieldKind.TEXT: _read_text,
    FieldKind.LINES: _read_lines,
    FieldKind.URL: _read_url,
    FieldKind.NUMBER: _read_number,
    FieldKind.CHOICE: _read_choice,
}
