"""The shared macros: every state has a word, nothing typed is lost, errors belong to their fields."""

import re

import pytest
from jinja2 import Environment

from models.dispatch import DispatchState
from models.orders import OrderState
from models.payments import PaymentState
from routes.assets import Assets
from routes.forms import Form
from routes.pages import Pages, Shop
from settings import ROOT


@pytest.fixture(scope="module")
def environment() -> Environment:
    shop = Shop(name="Upfront", currency="USD", contact_email="help@shop.test", base_url="http://shop.test")
    pages = Pages(ROOT / "templates", Assets(ROOT / "static"), shop)
    return pages.environment


def render(environment: Environment, source: str, **context: object) -> str:
    return environment.from_string(source).render(**context)


@pytest.mark.parametrize(
    ("macro", "states"),
    [
        ("order_badge", OrderState),
        ("order_headline", OrderState),
        ("payment_badge", PaymentState),
        ("dispatch_badge", DispatchState),
    ],
)
def test_every_state_is_called_something_of_its_own(
    environment: Environment, macro: str, states: type[OrderState | PaymentState | DispatchState]
) -> None:
    source = f'{{% from "shared/status.html" import {macro} %}}{{{{ {macro}(state) }}}}'

    words = [re.sub(r"<[^>]*>", "", render(environment, source, state=state)).strip() for state in states]

    assert all(words)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("done", "percent"), [(0, 0), (1, 0), (1850, 37), (4999, 99), (5000, 100), (6000, 100)], ids=str
)
def test_delivered_never_rounds_up_to_done_nor_passes_it(environment: Environment, done: int, percent: int) -> None:
    html = render(
        environment, '{% from "shared/figures.html" import delivered %}{{ delivered(done, 5000) }}', done=done
    )

    assert f'<progress max="100" value="{percent}"' in html


def test_field_keeps_what_was_typed_and_points_to_its_error(environment: Environment) -> None:
    form = Form({"email": '"><b>marta@'}, {"email": "This is not a mail address yet"})

    html = render(
        environment, '{% import "shared/forms.html" as forms %}{{ forms.text(form, "email", "Mail") }}', form=form
    )

    assert 'value="&#34;&gt;&lt;b&gt;marta@"' in html
    assert 'aria-invalid="true" aria-describedby="field-email-error"' in html
    assert 'id="field-email-error"' in html


def test_error_summary_links_to_the_fields(environment: Environment) -> None:
    form = Form({}, {"email": "This is not a mail address yet", "": "Sign in again"})

    html = render(environment, '{% import "shared/forms.html" as forms %}{{ forms.summary(form) }}', form=form)

    assert '<a href="#field-email">This is not a mail address yet</a>' in html
    assert "<li>Sign in again</li>" in html


def test_password_is_never_written_back(environment: Environment) -> None:
    form = Form({"password": "correct horse battery"})

    html = render(
        environment,
        '{% import "shared/forms.html" as forms %}{{ forms.password(form, "password", "P") }}',
        form=form,
    )

    assert "correct horse battery" not in html


def test_notes_of_a_timeline_are_escaped(environment: Environment) -> None:
    html = render(
        environment,
        '{% from "shared/figures.html" import timeline %}{{ timeline([("Sent", none, "ok", note)]) }}',
        note="<script>",
    )

    assert "<p>&lt;script&gt;</p>" in html


@pytest.mark.parametrize(
    ("options", "opening"),
    [("", '<li class="pager" id="more">'), (", columns=3", '<tr id="more"><td class="pager-cell" colspan="3">')],
    ids=["list", "table"],
)
def test_load_more_is_a_link_that_also_works_without_script(
    environment: Environment, options: str, opening: str
) -> None:
    html = render(
        environment,
        '{% from "shared/lists.html" import load_more %}{{ load_more("/orders?after=7", ".rows > li"'
        + options
        + ") }}",
    )

    assert html.strip().startswith(opening)
    assert 'href="/orders?after=7" hx-get="/orders?after=7"' in html
