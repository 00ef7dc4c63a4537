"""Policies: which version of the terms and of the privacy policy is in force, and since when."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One wording; a change of meaning is a new version."""

    version: int
    since: date


TERMS = Policy(version=1, since=date(2026, 11, 22))
PRIVACY = Policy(version=1, since=date(2026, 11, 22))
