"""Single values of API v2 answers: the same thing comes as a number, as text, as null, or not at all (chapter 7)."""

import json
from decimal import Decimal
from typing import Any

from domain import money
from domain.money import NotMoney
from gateways.api_v2.sentences import LONGEST

Json = Any

_ID_NAMES = ("order", "order_id", "orderId", "id")


class NotJson(ValueError):
    """The body is no JSON document: empty, cut off, or a web page."""


def read_json(body: bytes) -> Json:
    """Parse a body that may begin with a byte order mark; numbers keep every digit. Raises NotJson."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise NotJson from error


def read_whole(value: Json) -> int | None:
    """A count, signed; None for what is no whole number or fits into no column."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    fits = number.is_finite() and number == number.to_integral_value() and abs(number) <= money.MAXIMUM
    return int(number) if fits else None


def read_cost(value: Json) -> int | None:
    """An amount in 10^-8, rounded up; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return money.parse_rounding_up(Decimal(value))
    except (NotMoney, ArithmeticError):
        return None


def read_flag(value: Json) -> bool:
    """A mark such as `refill`: true, 1 or "1"; missing is no."""
    return value in (True, 1, "1", "true")


def read_text(value: Json) -> str:
    return str(value).strip() if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""


def read_id(data: Json) -> str | None:
    """The order's id, wherever a provider puts it (chapter 8, Q6); ids are text, and zero is none."""
    if not isinstance(data, dict):
        return None
    for name in _ID_NAMES:
        found = read_id(data[name]) if isinstance(data.get(name), dict) else read_text(data.get(name))
        if found and found != "0":
            return found
    return read_id(data.get("data"))


def read_error(data: Json) -> str:
    """The sentence of an error answer, cut to what is kept; "" when it is none."""
    error = data.get("error") if isinstance(data, dict) else None
    if not error:
        return ""
    sentence = error if isinstance(error, str) else json.dumps(error, default=str)
    return sentence.strip()[:LONGEST]
