"""The table that `make bench` prints, and the weight of a first view."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

ASSET = re.compile(r'(?:src|href)="(/static/[^"#]+)')


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside its target."""

    name: str
    value: float
    target: float
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.at_most else self.value >= self.target


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes over the wire, bodies only."""

    total: int
    script: int
    requests: int


def table(lines: Sequence[Line]) -> str:
    rows = [
        f"{line.name:<40} {line.value:>8.2f}   {'at most' if line.at_most else 'at least'} {line.target:<6g} "
        f"{'met' if line.met else 'MISSED':<7} {line.note}"
        for line in lines
    ]
    return "\n".join([f"{'ratio to a bare answer, or as named':<40} {'value':>8}   target", *rows])


async def first_view(port: int, path: str) -> Weight:
    """Fetch a page and the files it names, as a browser does that has nothing yet."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        page = await client.get(path)
        urls = sorted(set(ASSET.findall(page.text)))
        answers = [await client.get(url) for url in urls]
    sizes = {url: int(answer.headers["content-length"]) for url, answer in zip(urls, answers, strict=True)}
    return Weight(
        total=int(page.headers["content-length"]) + sum(sizes.values()),
        script=sum(size for url, size in sizes.items() if url.endswith(".js")),
        requests=1 + len(sizes),
    )
