"""A shop beside a sandboxed processor, for tests: customers pay there, postbacks come here, jobs run when told."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
from litestar import Litestar
from litestar.types import Receive, Scope, Send

from app import create_app
from domain import payments
from domain.jobs import Job
from domain.money import UNIT
from domain.payments import PaymentView
from domain.payments.payment import find
from domain.payments.processors import Processor, Processors
from gateways import close_processors
from models.accounts import Account
from models.database import fetch
from routes.edge import Edge
from sandbox.cardlink.payments import list_of
from sandbox.testing import PAID_CARD, RunningSandbox, running_sandbox
from settings import Settings
from tests.factories import make_account

TEN = 10 * UNIT
BASE_URL = "http://127.0.0.1:8000"  # the shop's address as the sandbox knows it


@dataclass(frozen=True)
class PayingShop:
    sandbox: RunningSandbox
    web: httpx.ASGITransport
    processors: Processors

    @property
    def processor(self) -> Processor:
        return self.processors["cardlink"]

    async def start(
        self, account: Account | None = None, *, amount: int = TEN, cart_id: int | None = None
    ) -> PaymentView:
        """A payment with a bill at the sandbox."""
        owner = account or await make_account()
        return await payments.start(
            owner.id, amount=amount, cart_id=cart_id, processor=self.processor, currency="USD", base_url=BASE_URL
        )

    def bill_id(self, payment: PaymentView) -> str:
        return self.sandbox.bill_of(payment.code).id

    def pay(self, payment: PaymentView, card: str = PAID_CARD) -> None:
        self.sandbox.pay(self.bill_id(payment), card)

    def card_payments(self, payment: PaymentView) -> list[str]:
        """What was paid on the bill, by the processor's ids."""
        bill = self.sandbox.bill_of(payment.code)
        return [paid.id for paid in list_of(self.sandbox.sandbox.world, bill)]

    async def run_checks(self) -> int:
        """Do what the worker does with the checks that are queued, as if the time between two had passed."""
        jobs = await fetch("DELETE FROM pgqueuer WHERE entrypoint = $1 RETURNING payload", Job.CHECK_PAYMENT)
        for job in jobs:
            await let_gap_pass(int(job["payload"]))
            await payments.check(int(job["payload"]), self.processors)
        return len(jobs)

    async def post_notification(self, fields: dict[str, str], *, processor: str = "cardlink") -> httpx.Response:
        async with httpx.AsyncClient(transport=self.web, base_url=BASE_URL) as stranger:
            return await stranger.post(f"/payments/{processor}/notifications", data=fields)


@contextlib.asynccontextmanager
async def paying_shop(settings: Settings) -> AsyncIterator[PayingShop]:
    """A sandbox and a shop that know each other; postbacks wait for `sandbox.deliver_postbacks()`."""
    later = _Later()
    web = httpx.ASGITransport(app=later)  # type: ignore[arg-type] # httpx spells ASGI's types its own way
    async with running_sandbox(shop=web, postbacks_in_background=False, shop_url=BASE_URL, hang=5) as sandbox:
        edge = create_app(replace(settings, cardlink_url=sandbox.cardlink_url, base_url=BASE_URL))
        assert isinstance(edge, Edge)
        assert isinstance(edge.app, Litestar)
        later.shop = edge
        yield PayingShop(sandbox, web, edge.app.state.processors)
        await close_processors(edge.app.state.processors)


class _Later:
    """The shop, for a sandbox that starts before it: each needs the other's address."""

    shop: Edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.shop(scope, receive, send)


async def state_of(payment: PaymentView) -> str:
    return (await find(payment.id)).state


async def events_of(payment: PaymentView) -> list[str]:
    rows = await fetch("SELECT state FROM payment_events WHERE payment = $1 ORDER BY id", payment.id)
    return [row["state"] for row in rows]


async def jobs(job: Job) -> list[int]:
    """The rows that jobs of this kind wait for, the oldest first."""
    rows = await fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id", job)
    return [int(row["payload"]) for row in rows]


async def let_gap_pass(payment_id: int) -> None:
    await fetch("UPDATE payments SET checking_until = NULL WHERE id = $1", payment_id)


async def let_time_pass(payment: PaymentView, time: timedelta) -> None:
    """Make a payment and all its plans older."""
    await fetch(
        "UPDATE payments SET created_at = created_at - $2::interval, expires_at = expires_at - $2::interval, "
        "paid_at = paid_at - $2::interval, next_check_at = next_check_at - $2::interval, "
        "checking_until = checking_until - $2::interval WHERE id = $1",
        payment.id,
        time,
    )
