"""Dialects: how other panels bend the same answers, each switched on by a fault of its own."""

# Every bender has the same signature, whether or not it needs all of it.
# ruff: noqa: ARG001

from collections.abc import Callable
from typing import Any

from sandbox.fields import Fields
from sandbox.provider import errors
from sandbox.world import World

Json = Any
Rows = list[dict[str, Any]]
STRANGER = {"charge": "9.99", "start_count": "7", "status": "Canceled", "remains": "0", "currency": "USD"}


def bend(world: World, fields: Fields, answer: Json) -> Json:
    """The answer as the dialects that are switched on for its action would give it."""
    for name, bender in BENDERS.get(fields.get("action", ""), ()):
        if _applies(fields, answer, name):
            options = world.faults.take(name)
            if options is not None:
                answer = bender(answer, options, fields)
    return answer


def _applies(fields: Fields, answer: Json, name: str) -> bool:
    """Whether a dialect can show in this answer, so that its count is not used up unseen."""
    several = "orders" in fields
    if name == "provider.multi_status_list":
        return several
    if name == "provider.single_status_keyed":
        return not several
    if name == "provider.bare_string_errors":
        return several and any("error" in row for row in answer.values())
    return True


def _order_id_name(answer: Json, options: Fields, fields: Fields) -> Json:
    key = options.get("key", "order_id")
    return {"data": {"order": answer["order"]}} if key == "data.order" else {key: answer["order"]}


def _extra_keys(answer: Json, options: Fields, fields: Fields) -> Json:
    return {"status": "success", **answer, "charge": "0.27819", "message": "Order received"}


def _without_order_id(answer: Json, options: Fields, fields: Fields) -> Json:
    return {"status": "success"}


def _single_status_keyed(answer: Json, options: Fields, fields: Fields) -> Json:
    number = next(fields[name] for name in ("order", "id", "order_id") if name in fields)
    return {number: answer}


def _multi_status_list(answer: Json, options: Fields, fields: Fields) -> Json:
    listed = [{"order": number, **row} for number, row in answer.items() if isinstance(row, dict)]
    return [{"order": "1", **STRANGER}, *reversed(listed)]


def _bare_string_errors(answer: Json, options: Fields, fields: Fields) -> Json:
    return {number: row.get("error", row) for number, row in answer.items()}


def _null_start_count(answer: Json, options: Fields, fields: Fields) -> Json:
    return _each_row(answer, lambda row: row | {"start_count": None})


def _unknown_remains(answer: Json, options: Fields, fields: Fields) -> Json:
    return _each_row(answer, lambda row: row | {"remains": "Unknown"})


def _negative_remains(answer: Json, options: Fields, fields: Fields) -> Json:
    return _each_row(answer, lambda row: row | {"remains": "-12"})


def _odd_words(answer: Json, options: Fields, fields: Fields) -> Json:
    word = options.get("word", "")
    return _each_row(answer, lambda row: row | {"status": word or row["status"].upper().replace(" ", "_")})


def _each_row(answer: Json, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Json:
    """Change a single status or every row of a multi status, but no errors."""
    if "status" in answer:
        return change(answer)
    return {number: change(row) if "status" in row else row for number, row in answer.items()}


def _cancel_keyed(answer: Json, options: Fields, fields: Fields) -> Json:
    return {str(row["order"]): {"cancel": "requested" if row["cancel"] == 1 else row["cancel"]} for row in answer}


def _refill_sentence(answer: Json, options: Fields, fields: Fields) -> Json:
    return {"success": "Refill request received", "refill": int(answer["refill"])} if "refill" in answer else answer


def _empty_catalogue(answer: Json, options: Fields, fields: Fields) -> Json:
    return []


def _empty_data_catalogue(answer: Json, options: Fields, fields: Fields) -> Json:
    return {"status": "success", "data": "Empty Data"}


def _broken_catalogue(answer: Rows, options: Fields, fields: Fields) -> Json:
    first, second, third, *rest = answer
    spoiled = [first | {"rate": "call us"}, {"name": second["name"]}, third | {"min": "many"}, "a stray sentence"]
    return [*spoiled, *rest[:1]]


def _wrapped_catalogue(answer: Rows, options: Fields, fields: Fields) -> Json:
    return {"services": answer, "count": len(answer)}


def _vanished_services(answer: Rows, options: Fields, fields: Fields) -> Json:
    gone = {part.strip() for part in options.get("services", "").split(",")}
    return [row for row in answer if str(row["service"]) not in gone]


def _unchanged(answer: Json, options: Fields, fields: Fields) -> Json:
    """A price jump is already in the rates; here it is only counted."""
    return answer


Bender = Callable[[Json, Fields, Fields], Json]
BENDERS: dict[str, tuple[tuple[str, Bender], ...]] = {
    "services": (
        ("provider.price_jump", _unchanged),
        ("provider.vanished_services", _vanished_services),
        ("provider.broken_catalogue", _broken_catalogue),
        ("provider.empty_catalogue", _empty_catalogue),
        ("provider.empty_data_catalogue", _empty_data_catalogue),
        ("provider.wrapped_catalogue", _wrapped_catalogue),
    ),
    "add": (
        ("provider.extra_keys", _extra_keys),
        ("provider.order_id_name", _order_id_name),
        ("provider.no_order_id", _without_order_id),
    ),
    "status": (
        ("provider.null_start_count", _null_start_count),
        ("provider.unknown_remains", _unknown_remains),
        ("provider.negative_remains", _negative_remains),
        ("provider.odd_words", _odd_words),
        ("provider.bare_string_errors", _bare_string_errors),
        ("provider.single_status_keyed", _single_status_keyed),
        ("provider.multi_status_list", _multi_status_list),
    ),
    "cancel": (("provider.cancel_keyed", _cancel_keyed),),
    "refill": (("provider.refill_sentence", _refill_sentence),),
}

# Refusals by fault, and the actions in which a provider would use them.
REFUSING_ACTIONS = {
    "provider.incorrect_service": {"add"},
    "provider.bad_link": {"add"},
    "provider.not_enough_funds": {"add"},
    "provider.active_order": {"add"},
    "provider.incorrect_order": {"status", "refill", "cancel"},
}


def refusal_for(world: World, action: str) -> str | None:
    """The sentence with which a fault makes the provider refuse this action, if one is on."""
    for name, sentence in errors.BY_FAULT.items():
        if action in REFUSING_ACTIONS.get(name, {action}) and world.faults.take(name, action=action) is not None:
            return sentence
    return None
