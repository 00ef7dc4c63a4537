"""The provider's one URL: reads a call, writes it down, answers it, and lets faults have their way with the answer."""

import json
from typing import Any

from litestar import MediaType, Request, Response, route
from litestar.di import NamedDependency

from sandbox import trouble
from sandbox.fields import Fields, read_fields
from sandbox.provider import actions, calls, dialects, errors
from sandbox.provider.errors import Refusal
from sandbox.world import World

WebRequest = Request[Any, Any, Any]
HTML_INSTEAD = "<!DOCTYPE html><html><head><title>One moment</title></head><body>Checking your browser.</body></html>"


@route("/provider/api/v2", http_method=["GET", "POST"], status_code=200)
async def answer_call(request: WebRequest, world: NamedDependency[World]) -> Response[Any]:
    fields = await read_fields(request)
    action = fields.get("action", "")
    call = calls.write_down(world, fields)
    stopped = await _stop_before(request, world, action)
    if stopped is not None:
        calls.note_answer(world, call, "(fault before acting)")
        return stopped
    answer, status = _answer(request, world, fields)
    calls.note_answer(world, call, json.dumps(answer, ensure_ascii=False))
    return await _send(request, world, action, answer, status)


async def _stop_before(request: WebRequest, world: World, action: str) -> Response[Any] | None:
    if world.faults.take("provider.timeout_before", action=action) is not None:
        await trouble.hang(request, world)
        return trouble.gateway_page(504)
    if world.faults.take("provider.reset_before", action=action) is not None:
        await trouble.reset(request)
        return trouble.gateway_page()
    page = world.faults.take("provider.error_page_before", action=action)
    return None if page is None else trouble.gateway_page(int(page.get("http_status", "502")))


def _answer(request: WebRequest, world: World, fields: Fields) -> tuple[Any, int]:
    action = fields.get("action", "")
    if _key(request, fields) != world.settings.provider_key:
        return {"error": errors.INVALID_KEY}, 200
    chosen = world.faults.take("provider.error", action=action)
    if chosen is not None:
        return {"error": chosen.get("sentence", "Something went wrong")}, int(chosen.get("http_status", "200"))
    sentence = dialects.refusal_for(world, action)
    if sentence is not None:
        return {"error": sentence}, 200
    if {"orders", "refills"} & fields.keys() and world.faults.take("provider.batch_fails") is not None:
        return {"error": errors.UNKNOWN_ACTION}, 200
    try:
        return dialects.bend(world, fields, actions.perform(world, fields)), 200
    except Refusal as refusal:
        return {"error": refusal.sentence}, 200


def _key(request: WebRequest, fields: Fields) -> str:
    """The key travels as a field; newer clients put it into a header."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return fields.get("key") or request.headers.get("x-api-key") or bearer


async def _send(request: WebRequest, world: World, action: str, answer: Any, status: int) -> Response[Any]:
    """Send the answer, or lose it in the way a fault asks for. What was asked is already done."""
    take = world.faults.take
    if take("provider.timeout_after", action=action) is not None:
        await trouble.hang(request, world)
        return trouble.gateway_page(504)
    if take("provider.reset_after", action=action) is not None:
        await trouble.reset(request)
        return trouble.gateway_page()
    page = take("provider.error_page_after", action=action)
    if page is not None:
        return trouble.gateway_page(int(page.get("http_status", "502")))
    slow = take("provider.slow", action=action)
    if slow is not None:
        await trouble.hang(request, world, seconds=float(slow.get("seconds", "3")))
    return _spoiled(world, action, answer, status)


def _spoiled(world: World, action: str, answer: Any, status: int) -> Response[Any]:
    take = world.faults.take
    body = json.dumps(answer, ensure_ascii=False)
    if take("provider.html", action=action) is not None:
        return Response(HTML_INSTEAD, media_type=MediaType.HTML)
    if take("provider.empty_body", action=action) is not None:
        body = ""
    if take("provider.truncated_json", action=action) is not None:
        body = body[: len(body) // 2]
    if take("provider.byte_order_mark", action=action) is not None:
        body = "\ufeff" + body
    return Response(body.encode(), status_code=status, media_type=MediaType.JSON)
