"""A sandbox for a test: real sockets on free ports, in the test's own event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from sandbox.app import Sandbox, create_sandbox
from sandbox.cardlink import bills, payments, postbacks, returns
from sandbox.cardlink.bills import Bill
from sandbox.cardlink.cards import find_card
from sandbox.cardlink.pages import forge
from sandbox.cardlink.payments import Payment
from sandbox.cardlink.postbacks import Postback
from sandbox.mail import messages
from sandbox.mail.messages import Mail
from sandbox.provider import calls, orders
from sandbox.provider.calls import Call
from sandbox.provider.orders import Outcome
from sandbox.provider.progress import Order
from sandbox.server import HOST, SandboxServer, listen
from sandbox.settings import Settings

PAID_CARD, DECLINED_CARD = "4242 4242 4242 4242", "4000 0000 0000 0002"


@dataclass(frozen=True)
class RunningSandbox:
    """What a test may ask of a running sandbox, and do to it."""

    sandbox: Sandbox
    url: str  # without a slash at the end

    @property
    def settings(self) -> Settings:
        return self.sandbox.world.settings

    @property
    def provider_url(self) -> str:
        return f"{self.url}/provider/api/v2"

    @property
    def cardlink_url(self) -> str:
        return f"{self.url}/cardlink/api/v1"

    @property
    def smtp_port(self) -> int:
        return self.sandbox.mail_host.port

    def reset(self) -> None:
        """Forget everything: one sandbox may serve many tests, each starting afresh."""
        self.sandbox.world.store.empty()
        self.sandbox.world.clock.reset()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward: orders progress, retries fall due, bills expire."""
        self.sandbox.world.clock.advance(seconds)

    def set_fault(self, name: str, *, remaining: int | None = None, **options: object) -> None:
        self.sandbox.world.faults.switch_on(name, remaining=remaining, options=options)

    def clear_faults(self) -> None:
        self.sandbox.world.faults.clear()

    def calls(self, action: str = "") -> list[Call]:
        """Calls to the provider, the oldest first."""
        return calls.list_calls(self.sandbox.world, action=action, limit=100_000)[::-1]

    def adds(self) -> list[Mapping[str, str]]:
        """The fields of every `add` that reached the provider, the oldest first, accepted or not."""
        return [call.fields for call in self.calls("add")]

    def orders(self) -> list[Order]:
        """The orders the provider accepted, the oldest first."""
        return orders.newest(self.sandbox.world, 100_000)[::-1]

    def end_order(self, public_id: str, outcome: str = "completed", *, remains: str | None = None) -> None:
        """End an order now: completed, partial, canceled or canceled_zero."""
        order = orders.find(self.sandbox.world, public_id)
        orders.choose_outcome(self.sandbox.world, order, Outcome(outcome, remains))
        orders.finish_now(self.sandbox.world, order)

    def provider_balance(self) -> Decimal:
        return orders.balance(self.sandbox.world)

    def set_provider_balance(self, amount: str) -> None:
        orders.balance(self.sandbox.world)
        orders.set_balance(self.sandbox.world, Decimal(amount))

    def bills(self) -> list[Bill]:
        """The oldest first."""
        return bills.newest(self.sandbox.world, 100_000)[::-1]

    def bill_of(self, order_id: str) -> Bill:
        """The newest bill with this order_id. Raises StopIteration where there is none."""
        return next(bill for bill in reversed(self.bills()) if bill.order_id == order_id)

    def pay(self, bill_id: str, card: str = PAID_CARD) -> Payment | None:
        """Pay as the form would; the postback is queued, not yet delivered."""
        test_card = find_card(card)
        if test_card is None:
            raise ValueError("not a test card")
        bill = bills.find(self.sandbox.world, bill_id)
        return payments.pay(self.sandbox.world, bill, test_card)

    def refund(self, payment_id: str, amount: str | None = None) -> None:
        payment = payments.find(self.sandbox.world, payment_id)
        returns.refund(self.sandbox.world, payment, Decimal(amount) if amount else None)

    def charge_back(self, payment_id: str) -> None:
        returns.charge_back(self.sandbox.world, payments.find(self.sandbox.world, payment_id))

    async def deliver_postbacks(self) -> int:
        """Deliver what is due, in the caller's own context, and say how many were sent."""
        return await self.sandbox.courier.deliver_due()

    def postbacks(self, bill_id: str = "") -> list[Postback]:
        return postbacks.list_postbacks(self.sandbox.world, bill_id=bill_id)

    async def forge(self, bill_id: str, *, status: str = "SUCCESS") -> str:
        """Send a success that never happened and return the shop's HTTP status."""
        world = self.sandbox.world
        _, answer = await forge(world, self.sandbox.courier, bills.find(world, bill_id), status=status)
        return answer

    def mails(self, to: str = "") -> list[Mail]:
        """The oldest first."""
        return messages.list_mails(self.sandbox.world, to=to, limit=100_000)[::-1]


@contextlib.asynccontextmanager
async def running_sandbox(
    *, shop: httpx.AsyncBaseTransport | None = None, **settings: Any
) -> AsyncIterator[RunningSandbox]:
    """Run a sandbox on free ports until the block ends.

    `settings` are fields of `Settings`. With `shop=httpx.ASGITransport(app)` and `postbacks_in_background=False`,
    `deliver_postbacks()` calls the shop within the test's own transaction.
    """
    sandbox = create_sandbox(Settings(**{"port": 0, "smtp_port": 0, **settings}), shop=shop)
    server = SandboxServer(sandbox)
    listener = listen(0)
    port: int = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.until_started(serving)
    try:
        yield RunningSandbox(sandbox, f"http://{HOST}:{port}")
    finally:
        server.stop()
        await serving
