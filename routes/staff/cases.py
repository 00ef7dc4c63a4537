"""Cases for staff: what waits for a person, and the decision."""

from collections.abc import Awaitable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from domain import staff
from domain.dispatch import decisions
from domain.errors import Invalid
from domain.payments import decisions as payment_decisions
from models.dispatch import CaseState
from routes.forms import Form
from routes.htmx import AnyRequest, go_to
from routes.pages import page
from routes.staff.listing import Filters, staff_of


@get("/cases", name="staff.cases.list")
async def list_cases(request: AnyRequest) -> Response[bytes]:
    filters = Filters.read(request)
    state = filters.chosen(CaseState, default=CaseState.OPEN)
    found = await staff.list_cases(state=state, before=filters.before)
    return page(request, "staff/cases/list.html", cases=found, state=state, filters=filters)


@get("/cases/{case_id:int}", name="staff.cases.show")
async def show_case(request: AnyRequest, case_id: FromPath[int]) -> Response[bytes]:
    return await _show(request, case_id, Form())


@post("/cases/{case_id:int}/attachment", name="staff.cases.attachment.create", status_code=303)
async def create_attachment(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """The provider has the order, under this id."""
    form = await Form.read(request)
    verb = decisions.attach(case_id, external_id=form["external_id"], staff_id=staff_of(request), reason=form["reason"])
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/resend", name="staff.cases.resend.create", status_code=303)
async def create_resend(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """The provider does not have the order."""
    form = await Form.read(request)
    verb = decisions.resend(case_id, staff_id=staff_of(request), reason=form["reason"])
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/refund", name="staff.cases.refund.create", status_code=303)
async def create_refund(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """The order is given up."""
    form = await Form.read(request)
    secret_key = request.app.state.settings.secret_key
    verb = decisions.refund(case_id, staff_id=staff_of(request), reason=form["reason"], secret_key=secret_key)
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/repayment", name="staff.cases.repayment.create", status_code=303)
async def create_repayment(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """This much goes back of an order that was delivered in part."""
    form = await Form.read(request)
    secret_key = request.app.state.settings.secret_key
    staff_id, reason = staff_of(request), form["reason"]
    verb = decisions.give_back(case_id, form["amount"], staff_id=staff_id, reason=reason, secret_key=secret_key)
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/cancellation", name="staff.cases.cancellation.create", status_code=303)
async def create_cancellation(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """No provider took the order, and it is not tried any more."""
    form = await Form.read(request)
    secret_key = request.app.state.settings.secret_key
    verb = decisions.give_up(case_id, staff_id=staff_of(request), reason=form["reason"], secret_key=secret_key)
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/credit", name="staff.cases.credit.create", status_code=303)
async def create_credit(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """The payment counts as what was asked."""
    form = await Form.read(request)
    verb = payment_decisions.credit_asked(case_id, staff_id=staff_of(request), reason=form["reason"])
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/arrival", name="staff.cases.arrival.create", status_code=303)
async def create_arrival(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """The payment counts as the other sum that arrived."""
    form = await Form.read(request)
    verb = payment_decisions.credit_arrived(case_id, staff_id=staff_of(request), reason=form["reason"])
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/denial", name="staff.cases.denial.create", status_code=303)
async def create_denial(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """The payment does not count."""
    form = await Form.read(request)
    verb = payment_decisions.refuse_credit(case_id, staff_id=staff_of(request), reason=form["reason"])
    return await _decide(request, case_id, form, verb)


@post("/cases/{case_id:int}/closure", name="staff.cases.closure.create", status_code=303)
async def create_closure(request: AnyRequest, case_id: FromPath[int]) -> Response[Any]:
    """Nothing more is to be done here."""
    form = await Form.read(request)
    verb = staff.close_case(case_id, staff_id=staff_of(request), reason=form["reason"])
    return await _decide(request, case_id, form, verb)


async def _decide(request: AnyRequest, case_id: int, form: Form, verb: Awaitable[None]) -> Response[Any]:
    """Carry the decision out and show the case again; what was typed stays when it cannot be used."""
    try:
        await verb
    except Invalid as invalid:
        return await _show(request, case_id, form.with_errors(invalid), status=422)
    return go_to(request, request.app.route_reverse("staff.cases.show", case_id=case_id))


async def _show(request: AnyRequest, case_id: int, form: Form, *, status: int = 200) -> Response[bytes]:
    file = await staff.find_case(case_id, staff_id=staff_of(request))
    email = staff.mask_email(file.about["email"]) if file.about else ""
    return page(request, "staff/cases/show.html", file=file, form=form, email=email, status=status)


handlers = [
    list_cases,
    show_case,
    create_attachment,
    create_resend,
    create_refund,
    create_repayment,
    create_cancellation,
    create_credit,
    create_arrival,
    create_denial,
    create_closure,
]
