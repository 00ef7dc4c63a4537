"""Applying what a provider says of one order: progress, the end, and what it takes back after the end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import orders
from domain.clock import now
from domain.dispatch.cases import close_case, open_case, refund_cause
from domain.dispatch.desk import Desk
from domain.dispatch.providers import StatusError, StatusReport
from domain.orders import Actor, LockedOrder
from domain.orders.moves import CANCELED, COMPLETED, FINAL, PARTIAL
from models.database import fetch, fetch_value, transaction
from models.dispatch import CaseKind
from models.orders import OrderState

# Providers take a "Completed" back days later; after the last of these looks the order rests.
LATER = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))

# A provider may not know an order for a while after it took it (API v2 contract, chapter 6).
GRACE = timedelta(minutes=60)
MISSED_PAUSE = timedelta(minutes=30)
MISSES_FOR_CASE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One claimed order and the attempt that its provider accepted."""

    order_id: int
    dispatch_id: int
    provider_id: int
    provider_key: str
    external_id: str
    sent_at: datetime


async def apply(check: Check, answer: StatusReport | StatusError | None, desk: Desk) -> None:
    """Bring an order to where its provider says it is, in one transaction; a report may come late, twice or never.

    A final order is not reopened and a refund not lowered, whatever is said. None is an order that was left out.
    """
    async with transaction():
        order = await orders.lock(check.order_id)
        if isinstance(answer, StatusReport):
            await _note_answer(check, answer)
            await _apply(order, check, answer, desk)
        elif order.state in FINAL:
            await _look_later(order)
        else:
            await _miss(order, check, answer.sentence if answer else None, desk)


async def _apply(order: LockedOrder, check: Check, report: StatusReport, desk: Desk) -> None:
    if report.state is None:
        await _flag_word(check, report.word)
        await (_look_later(order) if order.state in FINAL else _go_on(order, order.state, report, desk))
        return
    to = OrderState(report.state)
    if order.state in FINAL:
        await _apply_late(order, to, check, report, desk)
    elif to in FINAL:
        await _finish(order, to, check, report, desk)
    else:
        await _go_on(order, to, report, desk)


async def _go_on(order: LockedOrder, to: OrderState, report: StatusReport, desk: Desk) -> None:
    await orders.note_progress(order, start_count=report.start_count, remains=report.remains)
    if to != order.state:
        await orders.move(order.id, to, actor=Actor.WORKER, next_check_at=now() + desk.pace.after(0))
    else:
        checks = order.checks + 1
        await orders.check_again(order, now() + desk.pace.after(checks), checks=checks)


async def _finish(order: LockedOrder, to: OrderState, check: Check, report: StatusReport, desk: Desk) -> None:
    refund = await _refund(order, to, check, report)
    remains = orders.within(order, report.remains)
    await orders.note_progress(order, start_count=report.start_count, remains=remains)
    await orders.finish(
        order,
        to,
        refund=refund,
        actor=Actor.WORKER,
        remains=remains,
        secret_key=desk.secret_key,
        next_check_at=None if to == CANCELED else now() + LATER[0],
    )


async def _apply_late(order: LockedOrder, to: OrderState, check: Check, report: StatusReport, desk: Desk) -> None:
    """After the end only more may come back: Completed may still become Partial or Canceled, Partial may grow."""
    if to in orders.MOVES[order.state]:
        await _finish(order, to, check, report, desk)
        return
    if order.state == to == PARTIAL:
        refund = await _refund(order, to, check, report)
        if refund is not None and refund > order.refunded:
            await orders.note_progress(order, start_count=None, remains=report.remains)
        remains = orders.within(order, report.remains)
        await orders.settle(order, to, refund=refund, remains=remains, secret_key=desk.secret_key)
    await _look_later(order)


async def _refund(order: LockedOrder, to: OrderState, check: Check, report: StatusReport) -> int | None:
    """What the customer gets back in all, in 10^-8; None when a person must decide, who then finds a case."""
    if to == COMPLETED:
        return 0
    # Never from `remains` when canceled: a provider says "0 remain" as readily as "all" then (API v2 contract, Q15).
    target = order.charge if to == CANCELED else orders.partial_target(order, report.remains)
    if target is None:
        await open_case(
            CaseKind.UNDECIDED_REFUND,
            refund_cause(check.dispatch_id),
            "undecided_refund",
            {"order": order.code, "external_id": check.external_id, "word": report.word},
        )
    else:
        await close_case(refund_cause(check.dispatch_id))
    return target


async def _look_later(order: LockedOrder) -> None:
    looks = order.checks + 1
    at = now() + LATER[looks] if order.state in {COMPLETED, PARTIAL} and looks < len(LATER) else None
    await orders.check_again(order, at, checks=looks)


async def _note_answer(check: Check, report: StatusReport) -> None:
    """The provider knows the order; what it says it cost is compared by staff and books nothing."""
    await fetch(
        "UPDATE dispatches SET misses = 0, reported_cost = coalesce($2, reported_cost) "
        "WHERE id = $1 AND (misses, reported_cost) IS DISTINCT FROM (0, coalesce($2, reported_cost))",
        check.dispatch_id,
        report.cost,
    )


async def _flag_word(check: Check, word: str) -> None:
    await open_case(
        CaseKind.ODD_STATUS,
        f"dispatch:{check.dispatch_id}:word:{word[:40]}",
        "unknown_word",
        {"external_id": check.external_id, "provider": check.provider_key, "word": word[:40]},
    )


async def _miss(order: LockedOrder, check: Check, sentence: str | None, desk: Desk) -> None:
    checks = order.checks + 1
    if now() - check.sent_at < GRACE:
        await orders.check_again(order, now() + desk.pace.after(checks), checks=checks)
        return
    misses = await fetch_value(
        "UPDATE dispatches SET misses = misses + 1 WHERE id = $1 RETURNING misses", check.dispatch_id
    )
    if misses == MISSES_FOR_CASE:
        await open_case(
            CaseKind.ODD_STATUS,
            f"dispatch:{check.dispatch_id}:missing",
            "order_missing",
            {"order": order.code, "external_id": check.external_id, "answer": sentence and sentence[:200]},
        )
    await orders.check_again(order, now() + MISSED_PAUSE, checks=checks)
