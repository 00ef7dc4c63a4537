"""Pages and helpers around the processor: its bills for a person, a forged postback and a chargeback for a test."""

from dataclasses import asdict
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from sandbox.cardlink import bills, payments, postbacks, returns
from sandbox.cardlink.bills import Bill, Missing
from sandbox.cardlink.pay import return_fields
from sandbox.cardlink.postbacks import Courier
from sandbox.fields import Fields, read_fields
from sandbox.world import World

WebRequest = Request[Any, Any, Any]
SHOWN = 100
PAID_ACTS = (("refund", "Refund"), ("chargeback", "Charge back"))
UNPAID_ACTS = (("forgery", "Forge a success"),)


@get("/cardlink")
async def list_bills(world: NamedDependency[World]) -> Template:
    rows = [_row(world, bill) for bill in bills.newest(world, SHOWN)]
    return Template("cardlink/bills.html", context={"rows": rows})


@get("/cardlink/link/{bill_id:str}")
async def show_link(bill_id: FromPath[str]) -> Redirect:
    """The QR page of the real processor leads to the same form."""
    return Redirect(f"/cardlink/pay/{bill_id}", status_code=303)


@post("/cardlink/bills/{bill_id:str}/{act:str}", status_code=200)
async def act_on_bill(
    bill_id: FromPath[str], act: FromPath[str], world: NamedDependency[World], courier: NamedDependency[Courier]
) -> Redirect:
    """What a person does with a paid bill: refund it, charge it back, or forge a postback for an unpaid one."""
    bill = _find(world, bill_id)
    if act == "forgery":
        await forge(world, courier, bill)
    for payment in payments.list_of(world, bill):
        if payment.status not in returns.PAID:
            continue
        if act == "refund" and returns.refunded(world, payment) < payment.amount:
            returns.refund(world, payment)
        elif act == "chargeback" and returns.chargeback_of(world, payment) is None:
            returns.charge_back(world, payment)
    return Redirect("/cardlink", status_code=303)


@get("/cardlink/postbacks.json")
async def list_postbacks(world: NamedDependency[World], bill_id: FromQuery[str] = "") -> list[dict[str, Any]]:
    return [asdict(postback) for postback in postbacks.list_postbacks(world, bill_id=bill_id)]


@post("/cardlink/postbacks.json", status_code=200)
async def deliver_postbacks(courier: NamedDependency[Courier]) -> dict[str, int]:
    """Deliver now what is due, without waiting for the background run."""
    return {"sent": await courier.deliver_due()}


@post("/cardlink/forge.json", status_code=200)
async def forge_postback(
    request: WebRequest, world: NamedDependency[World], courier: NamedDependency[Courier]
) -> dict[str, Any]:
    """Play the malicious customer; `status` says which status the forged postback claims (SUCCESS)."""
    fields = await read_fields(request)
    bill = _find(world, fields.get("bill_id", ""))
    sent, answer = await forge(world, courier, bill, status=fields.get("status", "SUCCESS"))
    return {"fields": sent, "answer": answer}


async def forge(world: World, courier: Courier, bill: Bill, *, status: str = "SUCCESS") -> tuple[Fields, str]:
    """Post a success that never happened, and say what was sent and how the shop answered.

    The triple InvId, OutSum, SignatureValue is the one every failed payer finds in his own browser: the signature
    covers neither the status nor the currency, so it is valid for the Result URL as well.
    """
    triple = return_fields(world, bill, None)
    fields = {**triple, "Status": status, "TrsId": bill.id, "Commission": "0.00", "AccountType": "BANK_CARD"}
    return fields, await courier.send(world.settings.cardlink_notifications, fields)


def _find(world: World, bill_id: str) -> Bill:
    try:
        return bills.find(world, bill_id)
    except Missing as error:
        raise NotFoundException("There is no such bill.") from error


def _row(world: World, bill: Bill) -> dict[str, Any]:
    attempts = payments.list_of(world, bill)
    paid = any(payment.status in returns.PAID for payment in attempts)
    told = postbacks.list_postbacks(world, bill_id=bill.id)
    return {"bill": bill, "payments": attempts, "postbacks": told, "acts": PAID_ACTS if paid else UNPAID_ACTS}


HANDLERS = (list_bills, show_link, act_on_bill, list_postbacks, deliver_postbacks, forge_postback)
