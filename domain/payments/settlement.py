"""Settlement: what a processor's answer means for a payment, and the one transaction that acts on it."""

from dataclasses import dataclass
from datetime import datetime

from domain import notices, wallet
from domain.clock import now
from domain.dispatch.cases import open_case
from domain.jobs import Job, enqueue
from domain.notices import Letter, LetterName
from domain.payments import moves
from domain.payments.mismatches import describe, reversal_cause, review_cause
from domain.payments.payment import PaymentView, lock
from domain.payments.processors import Truth, TruthState
from models.database import fetch, transaction
from models.dispatch import CaseKind
from models.payments import PaymentNote, PaymentState


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a payment goes, if anywhere, and whether a person must look at it."""

    to: PaymentState | None
    note: PaymentNote | None = None
    needs_a_person: bool = False


def decide(payment: PaymentView, truth: Truth, *, moment: datetime) -> Decision:
    """What follows from the processor's own answer: a pure function of what both sides know.

    Money counts only when reference, code, amount and currency are those of the intention (payments contract, chapter
    1, rule 3); too little, too much or somebody else's is held for review.
    """
    if truth.state is TruthState.REVERSED and payment.state is moves.PAID:
        return Decision(None, PaymentNote.REVERSED, needs_a_person=True)
    if payment.state is moves.REVIEW or payment.decided_at is not None:
        return Decision(None)
    wanted = _conclude(payment, truth, expired=moment >= payment.expires_at)
    return wanted if wanted.to in moves.MOVES[payment.state] else Decision(None)


def _conclude(payment: PaymentView, truth: Truth, *, expired: bool) -> Decision:
    is_ours = _is_what_was_asked(payment, truth)
    if truth.state in TruthState.moved_money():
        return _conclude_money(payment, truth, is_ours=is_ours)
    if not is_ours:
        return Decision(None)
    if truth.state is TruthState.FAILED:
        return Decision(moves.FAILED, PaymentNote.DECLINED)
    if truth.state is TruthState.PROCESSING:
        return Decision(moves.PROCESSING)
    return Decision(moves.EXPIRED if expired else moves.PENDING)


_ODD_SUMS = {
    TruthState.UNDERPAID: PaymentNote.UNDERPAID,
    TruthState.OVERPAID: PaymentNote.OVERPAID,
    TruthState.REVERSED: PaymentNote.REVERSED,
}


def _conclude_money(payment: PaymentView, truth: Truth, *, is_ours: bool) -> Decision:
    if not is_ours:
        return Decision(moves.REVIEW, PaymentNote.DIFFERENT, needs_a_person=True)
    if truth.state is not TruthState.PAID:
        return Decision(moves.REVIEW, _ODD_SUMS[truth.state], needs_a_person=True)
    return Decision(moves.PAID, PaymentNote.LATE if payment.state in PaymentState.soft_final_states() else None)


def _is_what_was_asked(payment: PaymentView, truth: Truth) -> bool:
    ours = (payment.reference, payment.code, payment.amount, payment.currency)
    return ours == (truth.reference, truth.code, truth.amount, truth.currency)


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
            await credit(payment, amount=payment.amount, note=decision.note)
        elif decision.to in PaymentState.soft_final_states():
            await close_unpaid(payment, decision.to, note=decision.note)
        elif decision.to is not None:
            await moves.move(payment.id, decision.to, note=decision.note)
    return decision.to


async def close_unpaid(
    payment: PaymentView, to: PaymentState, *, note: PaymentNote | None = None, is_decision: bool = False
) -> None:
    """End a payment without money, in the running transaction, and give its cart back."""
    if await moves.move(payment.id, to, note=note, is_decision=is_decision) and payment.cart_id is not None:
        await enqueue(Job.SETTLE_CART, payment.cart_id)


async def credit(
    payment: PaymentView, *, amount: int, note: PaymentNote | None = None, is_decision: bool = False
) -> None:
    """Put `amount` (10^-8) into the wallet, with all that follows from it, in the running transaction."""
    if not await moves.move(payment.id, moves.PAID, note=note, is_decision=is_decision):
        return
    await wallet.top_up(
        payment.account_id,
        amount=amount,
        processor=payment.processor,
        cause=f"payment:{payment.id}:top_up",
        reference=payment.code,
        currency=payment.currency,
    )
    receipt = await wallet.issue_receipt(
        payment.account_id, payment_id=payment.id, amount=amount, currency=payment.currency
    )
    await notices.queue(await _write_letter(payment, amount, receipt))
    if payment.cart_id is not None:
        await enqueue(Job.SETTLE_CART, payment.cart_id)


async def _write_letter(payment: PaymentView, amount: int, receipt: str) -> Letter:
    [account] = await fetch("SELECT username, email, locale FROM accounts WHERE id = $1", payment.account_id)
    return Letter(
        LetterName.PAYMENT_RECEIVED,
        cause=f"payment:{payment.id}:received",
        account_id=payment.account_id,
        to_address=account["email"],
        locale=account["locale"],
        context={
            "username": account["username"],
            "amount": amount,
            "currency": payment.currency,
            "receipt": receipt,
            "code": payment.code,
        },
    )


async def _open_case(payment: PaymentView, truth: Truth, decision: Decision) -> None:
    cause = reversal_cause(payment.id) if decision.to is None else review_cause(payment.id)
    await open_case(CaseKind.PAYMENT_MISMATCH, cause, decision.note or "", describe(payment, truth))
