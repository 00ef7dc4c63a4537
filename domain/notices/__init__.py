"""Notices: which letter goes out when, queued with the change that causes it and sent once."""

from domain.notices.letters import Letter, LetterName, RenderedLetter, queue

__all__ = ["Letter", "LetterName", "RenderedLetter", "queue"]
