"""Settlement: what a processor's answer means for a payment, and the one transaction that acts on it."""

from dataclasses import dataclass
from datetime import datetime

from domain import money, notices, wallet
from domain.clock import now
from domain.dispatch.cases import open_case
from domain.jobs import Job, enqueue
from domain.notices import Letter, LetterName
from domain.payments import moves
from domain.payments.payment import PaymentView, lock
from domain.payments.processors import Truth, TruthState
from models.database import fetch, transaction
from models.dispatch import CaseKind
from models.payments import PaymentState


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a payment goes, if anywhere, and whether a person must look at it."""

    to: PaymentState | None
    note: str = ""
    needs_a_person: bool = False


def decide(payment: PaymentView, truth: Truth, *, moment: datetime) -> Decision:
    """What follows from the processor's own answer: a pure function of what both sides know.

    Money counts only when reference, code, amount and currency are those of the intention (payments contract, chapter
    1, rule 3); too little, too much or somebody else's is held for review.
    """
    if truth.state is TruthState.REVERSED and payment.state is moves.PAID:
        return Decision(None, "Refunded or charged back at the processor", needs_a_person=True)
    wanted = _conclude(payment, truth, expired=moment >= payment.expires_at)
    return wanted if wanted.to in moves.MOVES[payment.state] else Decision(None)


def _conclude(payment: PaymentView, truth: Truth, *, expired: bool) -> Decision:
    differences = _differences(payment, truth)
    if truth.state in TruthState.moved_money():
        return _conclude_money(payment, truth, differences)
    if differences:
        return Decision(None)
    if truth.state is TruthState.FAILED:
        return Decision(moves.FAILED, "Declined at the processor")
    if truth.state is TruthState.PROCESSING:
        return Decision(moves.PROCESSING)
    return Decision(moves.EXPIRED if expired else moves.PENDING)


def _conclude_money(payment: PaymentView, truth: Truth, differences: list[str]) -> Decision:
    if differences:
        return Decision(moves.REVIEW, f"Not what was asked for: {', '.join(differences)}", needs_a_person=True)
    if truth.state is not TruthState.PAID:
        return Decision(moves.REVIEW, truth.state.capitalize(), needs_a_person=True)
    late = payment.state in PaymentState.soft_final_states()
    return Decision(moves.PAID, f"Paid late, after it had {payment.state}" if late else "")


def _differences(payment: PaymentView, truth: Truth) -> list[str]:
    """The names of what is not the same on both sides."""
    pairs = {
        "reference": (payment.reference, truth.reference),
        "code": (payment.code, truth.code),
        "amount": (payment.amount, truth.amount),
        "currency": (payment.currency, truth.currency),
    }
    return [name for name, (ours, theirs) in pairs.items() if ours != theirs]


async def settle(payment_id: int, truth: Truth) -> PaymentState | None:
    """Act on the processor's answer, in one transaction that holds the payment, and say where the payment went.

    Paid: the state, the credit of the intention's amount, the receipt, the letter and the job that places the cart's
    orders commit together. However often and in whatever order the same answer comes, it acts once.
    """
    async with transaction():
        payment = await lock(payment_id)
        decision = decide(payment, truth, moment=now())
        if decision.needs_a_person:
            await _open_case(payment, truth, decision)
        if decision.to is moves.PAID:
            await _credit(payment, note=decision.note)
        elif decision.to in PaymentState.soft_final_states():
            await close_unpaid(payment, decision.to, note=decision.note)
        elif decision.to is not None:
            await moves.move(payment.id, decision.to, note=decision.note)
    return decision.to


async def close_unpaid(payment: PaymentView, to: PaymentState, *, note: str = "") -> None:
    """End a payment without money, in the running transaction, and give its cart back."""
    if await moves.move(payment.id, to, note=note) and payment.cart_id is not None:
        await enqueue(Job.SETTLE_CART, payment.cart_id)


async def _credit(payment: PaymentView, *, note: str) -> None:
    if not await moves.move(payment.id, moves.PAID, note=note):
        return
    await wallet.top_up(
        payment.account_id,
        amount=payment.amount,
        processor=payment.processor,
        cause=f"payment:{payment.id}:top_up",
        reference=payment.code,
        currency=payment.currency,
    )
    receipt = await wallet.issue_receipt(
        payment.account_id, payment_id=payment.id, amount=payment.amount, currency=payment.currency
    )
    await notices.queue(await _write_letter(payment, receipt))
    if payment.cart_id is not None:
        await enqueue(Job.SETTLE_CART, payment.cart_id)


async def _write_letter(payment: PaymentView, receipt: str) -> Letter:
    [account] = await fetch("SELECT username, email, locale FROM accounts WHERE id = $1", payment.account_id)
    return Letter(
        LetterName.PAYMENT_RECEIVED,
        cause=f"payment:{payment.id}:received",
        account_id=payment.account_id,
        to_address=account["email"],
        locale=account["locale"],
        context={
            "username": account["username"],
            "amount": payment.amount,
            "currency": payment.currency,
            "receipt": receipt,
            "code": payment.code,
        },
    )


async def _open_case(payment: PaymentView, truth: Truth, decision: Decision) -> None:
    evidence = {
        "payment": payment.code,
        "expected": f"{money.plain(payment.amount, places=2)} {payment.currency}",
        "reported": f"{money.plain(truth.amount, places=2)} {truth.currency}",
        "reported_state": truth.state,
        "reported_reference": truth.reference,
        "reported_code": truth.code,
    }
    cause = f"payment:{payment.id}:{'reversed' if decision.to is None else 'review'}"
    await open_case(CaseKind.PAYMENT_MISMATCH, cause, f"Payment {payment.code}: {decision.note}", evidence)
