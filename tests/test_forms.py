import pytest

from domain.errors import Invalid
from routes.forms import Form


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1000", 1000), (" 1000 ", 1000), ("1,000", 1000), ("1.000", 1000), ("1 000", 1000), ("1'000'000", 1_000_000),
        ("10.5", None), ("1,00", None), ("-5", None), ("", None), ("ten", None), ("1e3", None),
        ("9" * 19, None), ("١٢", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_grouped_or_not_and_never_guessed(typed: str, number: int | None) -> None:
    assert Form({"quantity": typed}).number("quantity") == number


def test_a_missing_field_reads_as_nothing() -> None:
    form = Form()

    assert (form["name"], form.values["name"], form.errors["name"]) == ("", "", "")
    assert form.checked("box") is False


def test_errors_keep_what_was_typed() -> None:
    form = Form({"email": " me@here "}).with_errors(Invalid({"email": "Enter an address with a dot."}))

    assert form.values["email"] == " me@here "
    assert form.has_errors
    assert form.error_list == [("email", "Enter an address with a dot.")]
