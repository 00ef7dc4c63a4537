"""What somebody typed: read whole, kept for the answer, all errors at once."""

import re
from collections.abc import Mapping
from typing import Any, Self

from litestar.exceptions import ClientException

from domain.errors import Invalid
from routes.htmx import AnyRequest

CSRF_FIELD = "csrf_token"

# Groups are three digits, so that "10.5" is never read as 105.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}|[0-9]{1,3}([.,'\u2019 \u00a0\u202f][0-9]{3}){1,5}")


class Form:
    """A form's values and errors, in the shape the macros of shared/forms.html show them.

    A missing field reads as "": a template can show any field of an empty form.
    """

    def __init__(self, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> None:
        self.values = _Texts(values or {})
        self.errors = _Texts(errors or {})

    @classmethod
    async def read(cls, request: AnyRequest) -> Self:
        """The fields of an urlencoded or multipart body; of a repeated field the last. Raises as `read_fields`."""
        return cls({name: value for name, value in await read_fields(request) if name != CSRF_FIELD})

    def __getitem__(self, name: str) -> str:
        """The typed value without surrounding blanks."""
        return self.values[name].strip()

    def checked(self, name: str) -> bool:
        return bool(self.values[name])

    def number(self, name: str) -> int | None:
        """A whole number, grouped or not ("1 000", "1,000"); None when it is none, or too long for any column."""
        typed = self[name]
        return int("".join(filter(str.isdecimal, typed))) if _WHOLE_NUMBER.fullmatch(typed) else None

    def with_errors(self, error: Invalid) -> Self:
        """The same form, with what is wrong said beside each field."""
        return type(self)(self.values, error.errors)

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)

    @property
    def error_list(self) -> list[tuple[str, str]]:
        return list(self.errors.items())


async def read_fields(request: AnyRequest) -> list[tuple[str, str]]:
    """Names and texts of an urlencoded or multipart body, without its files.

    Raises ClientException for a body that is no form, or one with the character NUL, which PostgreSQL's text refuses.
    """
    try:
        form = await request.form()
    except (ValueError, LookupError) as error:  # bytes that are not in their character set, or a set nobody knows
        raise ClientException from error
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if any("\0" in text for field in fields for text in field):
        raise ClientException
    return fields


class _Texts(dict[str, str]):
    def __missing__(self, key: Any) -> str:
        return ""
