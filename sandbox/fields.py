"""Reading what a client sent, in whichever of the usual dresses it came."""

import json
from decimal import Decimal
from typing import Any

from litestar import Request
from litestar.exceptions import ClientException

Fields = dict[str, str]


async def read_fields(request: Request[Any, Any, Any]) -> Fields:
    """Query string, form (urlencoded or multipart) and JSON body in one flat dictionary; the body wins."""
    fields = {name: str(value) for name, value in request.query_params.items()}
    if request.method == "GET":
        return fields
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return fields | _read_json(await request.body())
    form = await request.form()
    return fields | {name: value for name, value in form.items() if isinstance(value, str)}


def _read_json(body: bytes) -> Fields:
    try:
        content = json.loads(body or b"{}", parse_float=Decimal)
    except ValueError as error:
        raise ClientException("The body is not JSON.") from error
    if not isinstance(content, dict):
        raise ClientException("The body is not a JSON object.")
    return {name: _as_text(value) for name, value in content.items() if value is not None}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | dict):
        return json.dumps(value, default=str)
    return str(value)
