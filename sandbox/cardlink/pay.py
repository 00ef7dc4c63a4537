"""The hosted payment page: where the payer types the card, confirms, and is sent back to the shop."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Template

from sandbox.cardlink import bills, payments
from sandbox.cardlink.bills import Bill, Missing
from sandbox.cardlink.cards import CARDS, TestCard, find_card
from sandbox.cardlink.payments import Payment
from sandbox.cardlink.postbacks import signed
from sandbox.fields import Fields, read_fields
from sandbox.world import World

WebRequest = Request[Any, Any, Any]


@get("/{bill_id:str}")
async def show_form(bill_id: FromPath[str], world: NamedDependency[World]) -> Response[Any]:
    bill = _find(world, bill_id)
    waiting = _waiting(world, bill)
    if waiting is not None:
        return _to_confirmation(waiting)
    if not bill.is_payable():
        return _to_result(bill)
    return _form(bill, typed={}, error="")


@post("/{bill_id:str}", status_code=200)
async def pay(request: WebRequest, bill_id: FromPath[str], world: NamedDependency[World]) -> Response[Any]:
    bill = _find(world, bill_id)
    typed = await read_fields(request)
    card = find_card(typed.get("number", ""))
    error = _complaint(card, typed)
    if card is None or error:
        return _form(bill, typed=typed, error=error)
    payment = payments.pay(world, bill, card, payer_name=typed.get("name", "").strip())
    if payment is not None and payment.status == "PROCESS":
        return _to_confirmation(payment)
    return _to_result(bill)


@post("/{bill_id:str}/expiry", status_code=200)
async def expire(bill_id: FromPath[str], world: NamedDependency[World]) -> Response[Any]:
    bill = _find(world, bill_id)
    bills.expire(world, bill)
    return _to_result(bill)


@get("/{bill_id:str}/confirmation/{payment_id:str}")
async def show_confirmation(
    bill_id: FromPath[str], payment_id: FromPath[str], world: NamedDependency[World]
) -> Response[Any]:
    bill, payment = _find(world, bill_id), _find_payment(world, payment_id)
    if payment.status != "PROCESS":
        return _to_result(bill)
    return Template("cardlink/confirmation.html", context={"bill": bill, "payment": payment})


@post("/{bill_id:str}/confirmation/{payment_id:str}", status_code=200)
async def confirm(
    request: WebRequest, bill_id: FromPath[str], payment_id: FromPath[str], world: NamedDependency[World]
) -> Response[Any]:
    payment = _find_payment(world, payment_id)
    decide = payments.approve if (await read_fields(request)).get("verdict") == "approve" else payments.refuse
    decide(world, payment)
    return _to_result(_find(world, bill_id))


@get("/{bill_id:str}/result")
async def show_result(bill_id: FromPath[str], world: NamedDependency[World]) -> Response[Any]:
    bill = _find(world, bill_id)
    waiting = _waiting(world, bill)
    if waiting is not None:
        return _to_confirmation(waiting)
    attempts = payments.list_of(world, bill)
    if not attempts and bill.is_payable():
        return Redirect(f"/cardlink/pay/{bill.id}", status_code=303)
    latest = attempts[0] if attempts else None
    paid = latest is not None and latest.status in {"SUCCESS", "OVERPAID", "UNDERPAID"}
    context = {
        "bill": bill,
        "payment": latest,
        "paid": paid,
        "url": bill.success_url if paid else bill.fail_url,
        "fields": return_fields(world, bill, latest),
    }
    return Template("cardlink/result.html", context=context)


def return_fields(world: World, bill: Bill, payment: Payment | None) -> Fields:
    """What the payer's browser carries back. A failed payment's triple is signed like a paid one's."""
    paid = payments.payment_fields(bill, payment)["OutSum"] if payment else str(bill.amount)
    fields = signed(world, {"InvId": bill.order_id, "OutSum": paid})
    return {**fields, "CurrencyIn": bill.currency, "custom": bill.custom}


def _find(world: World, bill_id: str) -> Bill:
    try:
        return bills.find(world, bill_id)
    except Missing as error:
        raise NotFoundException("There is no such bill.") from error


def _find_payment(world: World, payment_id: str) -> Payment:
    try:
        return payments.find(world, payment_id)
    except Missing as error:
        raise NotFoundException("There is no such payment.") from error


def _form(bill: Bill, *, typed: Fields, error: str) -> Template:
    # The number and the security code are never sent back into the page.
    kept = {"name": typed.get("name", ""), "expiry": typed.get("expiry", "")}
    context = {"bill": bill, "cards": CARDS, "error": error, **kept}
    return Template("cardlink/pay.html", context=context, status_code=422 if error else 200)


def _complaint(card: TestCard | None, typed: Fields) -> str:
    """What is wrong with the form, or nothing."""
    if card is None:
        return "This page takes test cards only. Use one of the numbers listed below."
    if not typed.get("expiry", "").strip() or not typed.get("code", "").strip():
        return "Enter the expiry date and the security code. Any future date and any three digits will do."
    return ""


def _waiting(world: World, bill: Bill) -> Payment | None:
    """The payment that the payer has yet to confirm with the bank."""
    return next((payment for payment in payments.list_of(world, bill) if payment.status == "PROCESS"), None)


def _to_confirmation(payment: Payment) -> Redirect:
    return Redirect(f"/cardlink/pay/{payment.bill_id}/confirmation/{payment.id}", status_code=303)


def _to_result(bill: Bill) -> Redirect:
    return Redirect(f"/cardlink/pay/{bill.id}/result", status_code=303)


router = Router("/cardlink/pay", route_handlers=[show_form, pay, expire, show_confirmation, confirm, show_result])
