"""What the dispatch desk works with: the gateways, how often it asks, and the key that signs links in letters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.dispatch.providers import Provider


@dataclass(frozen=True, slots=True)
class Pace:
    """A back-off: the pause doubles with every try that changed nothing."""

    first: timedelta
    longest: timedelta

    def after(self, tries: int) -> timedelta:
        factor: int = 2 ** min(tries, 20)
        return min(self.first * factor, self.longest)


USUAL_PACE = Pace(timedelta(minutes=1), timedelta(minutes=10))
SANDBOX_PACE = Pace(timedelta(seconds=2), timedelta(seconds=3))  # orders there take seconds, not hours
SEND_PACE = Pace(timedelta(seconds=5), timedelta(minutes=10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`providers` are gateways by the key of their row in the table."""

    providers: Mapping[str, Provider]
    pace: Pace
    secret_key: str = field(repr=False)
