"""The inbox page, newest mail first, and the same as JSON."""

import re
from typing import Any

from litestar import MediaType, Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from markupsafe import Markup, escape

from sandbox.mail import messages
from sandbox.mail.messages import Mail
from sandbox.world import World

# A mail is a stranger's page: no script, nothing fetched from anywhere, and it may only leave by a click.
HTML_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; "
    "sandbox allow-top-navigation-by-user-activation"
)
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@get("/inbox")
async def list_inbox(world: NamedDependency[World], to: FromQuery[str] = "") -> Template:
    return Template("mail/inbox.html", context={"mails": messages.list_mails(world, to=to), "to": to})


@get("/inbox/{number:int}")
async def show_mail(number: FromPath[int], world: NamedDependency[World]) -> Template:
    mail = _find(world, number)
    return Template("mail/mail.html", context={"mail": mail, "text": with_links(mail.text), "html": mail.html})


@get("/inbox/{number:int}/html", media_type=MediaType.HTML)
async def show_html(number: FromPath[int], world: NamedDependency[World]) -> Response[str]:
    # Links would otherwise open inside the frame.
    body = '<base target="_top">' + _find(world, number).html
    return Response(body, media_type=MediaType.HTML, headers={"Content-Security-Policy": HTML_POLICY})


@get("/inbox/{number:int}/raw", media_type=MediaType.TEXT)
async def show_raw(number: FromPath[int], world: NamedDependency[World]) -> Response[bytes]:
    return Response(_find(world, number).raw, media_type="text/plain; charset=utf-8")


@get("/inbox.json")
async def list_inbox_json(world: NamedDependency[World], to: FromQuery[str] = "") -> list[dict[str, Any]]:
    return [_shape(mail) for mail in messages.list_mails(world, to=to)]


@post("/inbox/emptying", status_code=200)
async def empty_inbox(world: NamedDependency[World]) -> Redirect:
    messages.clear(world)
    return Redirect("/inbox", status_code=303)


@delete("/inbox.json", status_code=204)
async def empty_inbox_json(world: NamedDependency[World]) -> None:
    messages.clear(world)


def with_links(text: str) -> Markup:
    """Plain text with its addresses clickable; everything else is escaped."""
    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        link = escape(found.group())
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(link)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _find(world: World, number: int) -> Mail:
    mail = messages.find(world, number)
    if mail is None:
        raise NotFoundException("There is no such mail.")
    return mail


def _shape(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "at": mail.at,
        "from": mail.sender,
        "to": mail.recipients,
        "subject": mail.subject,
        "headers": mail.headers,
        "text": mail.text,
        "html": mail.html,
    }


router = Router(
    "/", route_handlers=[list_inbox, show_mail, show_html, show_raw, list_inbox_json, empty_inbox, empty_inbox_json]
)
