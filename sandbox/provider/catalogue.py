"""The provider's catalogue: 40 categories on 8 platforms, usually 1,200 services, the same on every machine."""

# Names are set with real dashes, as people write them.
# ruff: noqa: RUF001

import random
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from sandbox import money
from sandbox.provider import words
from sandbox.provider.words import Family

SEED = 20_240_817
FIRST_ID = 1001
PACKAGES = {"Package", "Custom Comments Package"}


@dataclass(frozen=True)
class Service:
    id: int
    name: str
    kind: str
    category: str
    rate: Decimal  # per 1000, or per package
    minimum: int
    maximum: int
    refill: bool
    cancel: bool
    dripfeed: bool
    minutes: int
    description: str

    @property
    def is_package(self) -> bool:
        return self.kind in PACKAGES

    def describe(self, rate: Decimal) -> dict[str, object]:
        """The service as `services` lists it; rate and limits are strings there."""
        return {
            "service": self.id,
            "name": self.name,
            "type": self.kind,
            "category": self.category,
            "rate": money.text(rate, decimals=2),
            "min": str(self.minimum),
            "max": str(self.maximum),
            "refill": self.refill,
            "cancel": self.cancel,
            "dripfeed": self.dripfeed,
            "average_time": str(self.minutes),
            "description": self.description,
        }


@lru_cache(maxsize=4)
def services(per_category: int = 30) -> dict[int, Service]:
    """Every service by id, in the order of the catalogue. There are words for some 1,000 services per category."""
    chance = random.Random(SEED)
    made: dict[int, Service] = {}
    for platform, families in words.PLATFORMS.items():
        for family in families:
            names = _names(platform, family, per_category, chance)
            for name in names:
                number = FIRST_ID + len(made)
                made[number] = _make(number, name, f"{platform} – {family.title}", family, chance)
    return made


def _names(platform: str, family: Family, number: int, chance: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < number:
        thing = chance.choice(family.things).format(p=platform)
        region, audience = chance.choice(words.REGIONS), chance.choice(words.AUDIENCES)
        names[f"{thing} – {region}, {audience}"] = None
    return [_decorate(name, chance) for name in names]


def _decorate(name: str, chance: random.Random) -> str:
    start = f" [{chance.choice(words.STARTS)}]" if chance.random() < 0.6 else ""
    tail = words.LONG_TAIL if chance.random() < 0.03 else ""
    return chance.choice(words.MARKS) + name + start + tail


def _make(number: int, name: str, category: str, family: Family, chance: random.Random) -> Service:
    kind = chance.choice(family.kinds)
    package = kind in PACKAGES
    minimum, maximum = (1, 1) if package else _limits(family, chance)
    countable = kind in {"Default", "Web Traffic"}
    minutes = chance.randint(*family.speed)
    return Service(
        id=number,
        name=name,
        kind=kind,
        category=category,
        rate=_rate(family, chance),
        minimum=minimum,
        maximum=maximum,
        refill=countable and chance.random() < 0.35,
        cancel=chance.random() < 0.5,
        dripfeed=countable and chance.random() < 0.5,
        minutes=minutes,
        description=_describe(kind, minutes),
    )


def _rate(family: Family, chance: random.Random) -> Decimal:
    """Mostly whole cents; one rate in ten has up to seven decimals, as in real price lists."""
    cents = Decimal(chance.randint(*family.rates))
    fine = Decimal(chance.randint(1, 99_999)) if chance.random() < 0.1 else Decimal(0)
    return (cents + fine / 100_000) / 100


def _limits(family: Family, chance: random.Random) -> tuple[int, int]:
    low, high = family.limits
    minimum = low * chance.choice((1, 1, 1, 2, 5, 10))
    maximum = minimum * chance.choice((10, 50, 100, 1_000, 10_000))
    return minimum, high if chance.random() < 0.01 else max(min(maximum, high), minimum)


def _describe(kind: str, minutes: int) -> str:
    hours = max(1, minutes // 60)
    needs = {
        "Custom Comments": "Send the texts to publish, one per line; they appear as yours.",
        "Custom Comments Package": "Send the texts to publish, one per line; they appear as yours.",
        "Comment Replies": "Send the replies to publish, one per line, and the account they answer.",
        "Web Traffic": "Name the country and the kind of device; visits come from paid ads and carry your tags.",
        "Poll": "Send the link of your poll and the number of the answer to test.",
        "SEO": "Send your keywords, one per line.",
        "Mentions with Hashtags": "Send the creators you like and your hashtags, one per line.",
    }.get(kind, "Send the public link to promote.")
    terms = f"Paid advertising, marked as such. A usual order takes about {hours} h. Undelivered units are returned."
    return f"{needs}\n{terms}"
