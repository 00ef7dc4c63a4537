"""`make bench`: prints one table of ratios. Bounded in time, on loopback alone, on a database that it drops."""

import asyncio
import itertools
import os
import secrets
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit, urlunsplit

import asyncpg
import uvloop
from argon2 import PasswordHasher

from models.engine import embedded_url
from settings import ROOT

DATABASE = f"upfront_bench_{secrets.token_hex(3)}"
SERVER = os.environ.get("TEST_DATABASE_URL") or embedded_url(ROOT / ".data" / "bench")
URL = urlunsplit(urlsplit(SERVER)._replace(path=f"/{DATABASE}"))
# Before the shop's own imports: Piccolo reads its configuration with the first table.
os.environ |= {"DATABASE_URL": URL, "DATABASE_POOL": "10"}

from bench import data, report  # noqa: E402
from bench.load import Load, request, run  # noqa: E402
from bench.report import Line  # noqa: E402
from bench.servers import free_ports, resident_megabytes, serving, working  # noqa: E402
from models.migrate import migrate  # noqa: E402
from routes.cookies import DEVELOPMENT_NAME  # noqa: E402
from routes.guard import TOKEN_HEADER  # noqa: E402
from routes.viewer import Viewer, csrf_secret  # noqa: E402
from settings import DEVELOPMENT  # noqa: E402

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = 3
CONNECTIONS = 16
BARE_PORT, SHOP_PORT = free_ports(2)
SEARCHES = ("reach", "brazil daily", "segment 42", "europe", "worldwide high", "india reach", "777", "retention start")


async def main() -> None:
    server = await asyncpg.connect(SERVER)
    await server.execute(f'CREATE DATABASE "{DATABASE}"')
    try:
        await migrate()
        await data.fill(URL, PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(data.PASSWORD))
        lines = [*await _pages(), *await _orders(1), *await _orders(2), _worker()]
        print(report.table(lines))
    finally:
        await server.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')
        await server.close()


async def _pages() -> list[Line]:
    with (
        serving("bench.bare:application", BARE_PORT, path="/bare"),
        serving("app:application", SHOP_PORT, path="/readyz") as shop,
    ):
        cookie = _cookie(data.Customer(1))
        lines = [
            await _compare("catalogue, visitor", 0.8, itertools.repeat(request("GET", "/services"))),
            await _compare("catalogue, customer", 0.25, itertools.repeat(_get("/services", cookie))),
            await _compare("search, visitor", 0.3, itertools.cycle(_searches())),
            await _compare(
                "order page, customer", 0.15, itertools.repeat(request("GET", "/orders/BENCH1", headers=cookie))
            ),
        ]
        lines += await _storm()
        lines += [
            Line("memory of the web process, MB", shop.megabytes, 150, at_most=True),
            Line("seconds from start to first answer", shop.start_seconds, 5, at_most=True),
            *await _first_view(),
        ]
        return lines


async def _compare(name: str, target: float, requests: Iterator[bytes]) -> Line:
    """Take bare and shop in turn, so that a machine that slows down slows both."""
    bare, shop = 0.0, 0.0
    for _ in range(ROUNDS):
        bare += (await _load(BARE_PORT, itertools.repeat(request("GET", "/bare")))).per_second
        shop += (await _load(SHOP_PORT, requests)).per_second
    return Line(name, shop / bare, target, note=f"{shop / ROUNDS:,.0f}/s against {bare / ROUNDS:,.0f}/s")


async def _load(port: int, requests: Iterator[bytes]) -> Load:
    load = await run(port, requests, connections=CONNECTIONS, seconds=SECONDS)
    if any(status != 200 for status in load.statuses):
        raise RuntimeError(f"Not every answer was 200: {dict(load.statuses)}")
    return load


async def _orders(workers: int) -> list[Line]:
    """Checkout from balance over HTTP: each customer's cart becomes one order."""
    carts = await data.refill_carts(URL)
    with (
        serving("bench.bare:application", BARE_PORT, path="/bare", workers=workers),
        serving("app:application", SHOP_PORT, path="/readyz", workers=workers),
    ):
        bare = await run(
            BARE_PORT, itertools.repeat(request("POST", "/bare")), connections=CONNECTIONS, seconds=SECONDS
        )
        before = await data.count_orders(URL)
        placed = await run(SHOP_PORT, iter(_checkouts(carts)), connections=CONNECTIONS, seconds=SECONDS * 3)
        orders = await data.count_orders(URL) - before
    if orders != placed.count:
        raise RuntimeError(f"{placed.count} checkouts placed {orders} orders: {dict(placed.statuses)}")
    per_second = orders / placed.seconds
    name = f"orders placed, {workers} web process{'es' if workers > 1 else ''}"
    return [Line(name, per_second / bare.per_second, 0.2, note=f"{per_second:,.0f}/s against {bare.per_second:,.0f}/s")]


def _checkouts(carts: list[data.OpenCart]) -> list[bytes]:
    """The one button of the checkout page, pressed once by each customer."""
    return [
        request(
            "POST",
            "/checkout/orders",
            headers=_cookie(cart.customer),
            body=urlencode({"cart": cart.id, "revision": cart.revision}).encode(),
        )
        for cart in carts
    ]


async def _storm() -> list[Line]:
    """The catalogue's p99 while people sign in as fast as the shop lets them, against its calm p99."""
    pages = itertools.repeat(request("GET", "/services?q=reach"))
    calm = await run(SHOP_PORT, pages, connections=2, seconds=SECONDS)
    stormy, _signing_in = await asyncio.gather(
        run(SHOP_PORT, pages, connections=2, seconds=SECONDS),
        run(SHOP_PORT, iter(_sign_ins()), connections=8, seconds=SECONDS),
    )
    ratio = stormy.p99 / calm.p99
    note = f"p50 {stormy.p50 * 1000:.1f} ms, p99 {stormy.p99 * 1000:.1f} ms; calm p99 {calm.p99 * 1000:.1f} ms"
    return [Line("p99 in a sign-in storm, times calm", ratio, 3, at_most=True, note=note)]


def _sign_ins() -> list[bytes]:
    """Each from an address and an account of its own, so that throttling does not end the storm."""
    return [
        request(
            "POST",
            "/sign-in",
            headers={"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"},
            body=urlencode({"login": f"bench{number}", "password": data.PASSWORD}).encode(),
        )
        for number in range(1, data.CUSTOMERS + 1)
    ]


def _worker() -> Line:
    """The worker beside a provider that does not answer: its own weight, with the orders just placed in its queue."""
    with working(SECONDS * 2) as process:
        return Line("memory of the worker, MB", resident_megabytes(process), 150, at_most=True)


async def _first_view() -> list[Line]:
    """What a new visitor's browser fetches for the catalogue, compressed."""
    sizes = await report.first_view(SHOP_PORT, "/services")
    return [
        Line(
            "first view of the catalogue, KB", sizes.total / 1024, 50, at_most=True, note=f"{sizes.requests} requests"
        ),
        Line("of which script, KB", sizes.script / 1024, 20, at_most=True),
    ]


def _get(path: str, headers: dict[str, str]) -> bytes:
    return request("GET", path, headers=headers)


def _searches() -> list[bytes]:
    return [request("GET", "/services?" + urlencode({"q": words})) for words in SEARCHES]


def _cookie(customer: data.Customer) -> dict[str, str]:
    token = Viewer(csrf_secret=csrf_secret(DEVELOPMENT["SECRET_KEY"], customer.token)).csrf_token
    return {"Cookie": f"{DEVELOPMENT_NAME}={customer.token}", TOKEN_HEADER: token}


if __name__ == "__main__":
    uvloop.run(main())
