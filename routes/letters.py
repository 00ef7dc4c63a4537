"""Turns a queued letter into words, in the language of the person it goes to."""

import re

from domain import i18n
from domain.notices import Letter, RenderedLetter
from routes.pages import Pages

_GAP = re.compile(r"\n{3,}")


def render_letter(pages: Pages, letter: Letter) -> RenderedLetter:
    """Write a letter from templates/mail/<letter>/{subject.txt,body.txt,body.html}.

    It needs no running application: letters spell out whole addresses from the shop's base URL.
    """
    reader = i18n.locale.set(letter.locale)
    try:
        subject = _one_line(pages.render(f"mail/{letter.name}/subject.txt", letter.context))
        context = {**letter.context, "subject": subject}
        text = pages.render(f"mail/{letter.name}/body.txt", context)
        html = pages.render(f"mail/{letter.name}/body.html", context)
    finally:
        i18n.locale.reset(reader)
    return RenderedLetter(subject, _GAP.sub("\n\n", text).strip() + "\n", html)


def _one_line(text: str) -> str:
    """A subject is one line of a header, whatever the words in it."""
    return " ".join(text.split())
