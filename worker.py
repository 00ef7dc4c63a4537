"""The worker's entrance: takes jobs from the queue and keeps the schedules. Start more of them to work faster."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import FailingListenerError
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule

import logs
import settings as environment
from domain import catalog, checkout, jobs, notices, payments, wallet
from domain.accounts import sessions, throttle
from domain.checkout import carts
from domain.dispatch import price_lists, sending
from domain.dispatch.desk import SANDBOX_PACE, USUAL_PACE, Desk, Pace
from domain.dispatch.follow_up import follow_up
from domain.dispatch.health import check_balances
from domain.jobs import Job
from domain.notices import Letter, Mailer, RenderedLetter
from domain.payments.processors import Processors
from gateways import close_processors, close_providers, open_processors, open_providers
from gateways.smtp import SmtpMailer
from models.database import engine
from models.engine import CONNECT_SECONDS
from routes.assets import Assets
from routes.letters import render_letter
from routes.pages import Pages, Shop
from settings import ROOT, Settings

log = structlog.get_logger("worker")

# A worker that dies is noticed, and its jobs are taken over, within this time.
HEARTBEAT_TIMEOUT = timedelta(seconds=20)
POLL_EVERY = timedelta(seconds=5)
BATCH, AT_ONCE = 10, 40
RECONNECT_SECONDS = 3
FIRST_LIST_PACE = Pace(timedelta(seconds=2), timedelta(minutes=10))

# Cron with seconds at the end; the library looks once a second at most.
EVERY_TWO_SECONDS, EVERY_FEW_SECONDS = "* * * * * */2", "* * * * * */5"
EVERY_MINUTE, EVERY_QUARTER_HOUR, EVERY_HOUR = "* * * * *", "*/15 * * * *", "7 * * * *"
EVERY_NIGHT = "17 3 * * *"


class JobFailed(Exception):
    """What the queue is told of an error: its type. The queue keeps messages, which may repeat a row, for a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What jobs work with."""

    desk: Desk
    processors: Processors
    mailer: Mailer
    render: Callable[[Letter], RenderedLetter]
    secret_key: str


def entry_points(tools: Tools) -> dict[Job, Callable[[int], Awaitable[object]]]:
    """What each job does with the row it names. Every one may run twice, or be killed half way."""
    return {
        Job.DISPATCH_ORDER: lambda order_id: sending.send(order_id, tools.desk),
        Job.CHECK_PAYMENT: lambda payment_id: payments.check(payment_id, tools.processors),
        Job.SETTLE_CART: lambda cart_id: checkout.settle_cart(cart_id, secret_key=tools.secret_key),
        Job.SEND_MAIL: lambda message_id: notices.deliver(message_id, tools.mailer, tools.render),
    }


def schedules(tools: Tools) -> dict[str, tuple[str, Callable[[], Awaitable[object]]]]:
    """What happens by the clock; each picks up what a lost job or a dead worker left behind."""
    return {
        "follow_up": (EVERY_TWO_SECONDS, lambda: follow_up(tools.desk)),
        "queue_due_orders": (EVERY_FEW_SECONDS, sending.queue_due),
        "park_lost_orders": (EVERY_FEW_SECONDS, sending.park_lost),
        "reconcile_payments": (EVERY_FEW_SECONDS, lambda: payments.reconcile(tools.processors)),
        "queue_left_carts": (EVERY_MINUTE, checkout.queue_left),
        "sweep_mail": (EVERY_MINUTE, notices.sweep),
        "check_balances": (EVERY_MINUTE, lambda: check_balances(tools.desk)),
        "read_price_lists": (EVERY_QUARTER_HOUR, lambda: price_lists.read_due(tools.desk)),
        "sweep_carts": (EVERY_HOUR, carts.sweep),
        "sweep_job_log": (EVERY_HOUR, jobs.sweep_log),
        "sweep_sessions": (EVERY_HOUR, sessions.sweep),
        "sweep_throttles": (EVERY_HOUR, throttle.sweep),
        "audit_ledger": (EVERY_NIGHT, wallet.audit_ledger),
    }


def build_queue(pool: asyncpg.Pool, tools: Tools) -> PgQueuer:
    queue = PgQueuer.from_asyncpg_pool(pool)
    for job, carry_out in entry_points(tools).items():
        queue.entrypoint(job, executor_factory=DatabaseRetryEntrypointExecutor)(_job(carry_out))
    for name, (expression, carry_out_all) in schedules(tools).items():
        queue.schedule(name, expression)(_schedule(carry_out_all))
    return queue


def _job(carry_out: Callable[[int], Awaitable[object]]) -> Callable[[QueuedJob], Awaitable[None]]:
    async def run(job: QueuedJob) -> None:
        row_id = int(job.payload or b"")
        with structlog.contextvars.bound_contextvars(job=job.entrypoint, row_id=row_id):
            try:
                await carry_out(row_id)
            except Exception as error:
                log.warning("job failed", exc_info=True)
                raise JobFailed(type(error).__name__) from None

    return run


def _schedule(carry_out: Callable[[], Awaitable[object]]) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_schedule: Schedule) -> None:
        await carry_out()

    return run


@contextlib.asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """The gateways, opened from the settings and closed at the end."""
    key = _provider_key(settings)
    providers = open_providers(key=key, url=settings.provider_url, api_key=settings.provider_api_key)
    processors = open_processors(
        cardlink_url=settings.cardlink_url,
        cardlink_token=settings.cardlink_token,
        cardlink_shop_id=settings.cardlink_shop_id,
    )
    pages = Pages(ROOT / "templates", Assets(ROOT / "static"), Shop.of(settings))
    pace = SANDBOX_PACE if settings.sandbox else USUAL_PACE
    try:
        yield Tools(
            desk=Desk(providers=providers, pace=pace, secret_key=settings.secret_key),
            processors=processors,
            mailer=_mailer(settings),
            render=partial(render_letter, pages),
            secret_key=settings.secret_key,
        )
    finally:
        await close_providers(providers)
        await close_processors(processors)


def _provider_key(settings: Settings) -> str:
    return "sandbox" if settings.sandbox else "main"


def _mailer(settings: Settings) -> SmtpMailer:
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        username=settings.smtp_username,
        password=settings.smtp_password,
        start_tls=settings.smtp_start_tls,
    )


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; jobs under way are finished first."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await engine().start_connection_pool()
    try:
        await price_lists.register(
            _provider_key(settings),
            name=urlsplit(settings.provider_url).hostname or "",
            currency=settings.currency,
            markup_percent=settings.markup_percent,
        )
        async with open_tools(settings) as tools, catalog.kept_fresh():
            await _work_on(tools, stopping)
    finally:
        await engine().close_connection_pool()


async def _work_on(tools: Tools, stopping: asyncio.Event) -> None:
    """Start again whenever the database was away; a fresh shop's first price list is fetched meanwhile."""
    first_list = asyncio.create_task(_read_first_lists(tools.desk))
    log.info("worker ready")
    while not stopping.is_set():
        try:
            await _take_jobs(tools, stopping)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, FailingListenerError) as error:
            log.warning("queue lost", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), RECONNECT_SECONDS)
    first_list.cancel()
    await asyncio.gather(first_list, return_exceptions=True)
    log.info("worker stopped")


async def _take_jobs(tools: Tools, stopping: asyncio.Event) -> None:
    pool = await asyncpg.create_pool(engine().dsn, min_size=2, max_size=4, timeout=CONNECT_SECONDS)
    queue = build_queue(pool, tools)
    # The queue also ends by itself when it fails, so its own event cannot be the process's.
    stop = asyncio.create_task(_pass_on(stopping, queue.shutdown))
    try:
        await queue.run(
            dequeue_timeout=POLL_EVERY,
            batch_size=BATCH,
            max_concurrent_tasks=AT_ONCE,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            shutdown_on_listener_failure=True,
        )
    finally:
        stop.cancel()
        # Closing politely would wait for a listener whose connection is gone.
        pool.terminate()


async def _pass_on(signal_given: asyncio.Event, event: asyncio.Event) -> None:
    await signal_given.wait()
    event.set()


async def _read_first_lists(desk: Desk) -> None:
    """A shop that starts together with its provider waits for it, instead of for the schedule."""
    tries = 0
    while not await price_lists.read_due(desk):
        await asyncio.sleep(FIRST_LIST_PACE.after(tries).total_seconds())
        tries += 1


def main() -> None:
    settings = environment.current()
    logs.configure(json=settings.production)
    asyncio.run(work(settings))


if __name__ == "__main__":
    main()
