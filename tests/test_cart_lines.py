from typing import Any

import pytest

from domain.checkout import CheckedLine, Typed, check
from domain.errors import Invalid, Refused
from domain.money import UNIT
from models.catalog import ServiceType
from tests.factories import make_category, make_service
from tests.shopping import view_of

LINK = "https://example.com/page"


async def accepted(type: ServiceType, fields: dict[str, str], **values: Any) -> CheckedLine:  # noqa: A002
    typed = Typed(link=LINK, quantity=values.pop("quantity", 1000), fields=fields)
    return check(await view_of(await make_service(type=type, **values)), typed)


async def errors_of(type: ServiceType, fields: dict[str, str], *, link: str = LINK, **values: Any) -> dict[str, str]:  # noqa: A002
    typed = Typed(link=link, quantity=values.pop("quantity", 1000), fields=fields)
    view = await view_of(await make_service(type=type, **values))
    with pytest.raises(Invalid) as caught:
        check(view, typed)
    return caught.value.errors


async def test_line_keeps_the_normalised_link_the_quantity_and_the_rate_that_was_shown() -> None:
    service = await make_service(rate=3 * UNIT, category=(await make_category(platform="instagram")).id)

    line = check(await view_of(service), Typed(link="@Anna", quantity=100, fields={}))

    assert line.link.url == "https://www.instagram.com/anna/"
    assert (line.service_id, line.quantity, line.rate, line.fields) == (service.id, 100, 3 * UNIT, {})


@pytest.mark.parametrize("quantity", [99, 10_001, 0, None])
async def test_quantity_outside_the_limits_is_refused_with_the_limits(quantity: int | None) -> None:
    assert await errors_of(ServiceType.DEFAULT, {}, quantity=quantity) == {
        "quantity": "Quantity must be 100 to 10,000."
    }


@pytest.mark.parametrize("quantity", [100, 10_000])
async def test_quantity_at_the_limits_is_taken(quantity: int) -> None:
    assert (await accepted(ServiceType.DEFAULT, {}, quantity=quantity)).quantity == quantity


async def test_everything_that_is_wrong_is_said_at_once() -> None:
    errors = await errors_of(ServiceType.WEB_TRAFFIC, {"device": "9"}, link="localhost", quantity=5)

    assert list(errors) == ["link", "country", "device", "type_of_traffic", "quantity"]


async def test_package_is_one_whatever_was_typed() -> None:
    assert (await accepted(ServiceType.PACKAGE, {}, quantity=777, min_quantity=1, max_quantity=1)).quantity == 1


async def test_comments_are_counted_by_their_filled_lines() -> None:
    line = await accepted(
        ServiceType.CUSTOM_COMMENTS, {"comments": " Great\r\n\r\n  \nThank you \n"}, min_quantity=2, max_quantity=2
    )

    assert (line.quantity, line.fields) == (2, {"comments": "Great\nThank you"})


@pytest.mark.parametrize("comments", ["One", "One\nTwo\nThree\nFour"])
async def test_comments_outside_the_limits_are_refused_at_their_field(comments: str) -> None:
    errors = await errors_of(ServiceType.CUSTOM_COMMENTS, {"comments": comments}, min_quantity=2, max_quantity=3)

    assert errors == {"comments": "Fill in 2 to 3 lines, one for each."}


async def test_missing_comments_are_asked_for() -> None:
    assert await errors_of(ServiceType.CUSTOM_COMMENTS, {"comments": " \n "}) == {"comments": "Fill this in."}


async def test_too_long_a_comment_is_refused() -> None:
    errors = await errors_of(ServiceType.CUSTOM_COMMENTS, {"comments": "a" * 1001}, min_quantity=1)

    assert errors == {"comments": "Keep each line under 1,000 characters."}


TRAFFIC = {"country": "US", "device": "5", "type_of_traffic": "3"}


async def test_web_traffic_keeps_its_fields_and_nothing_it_was_not_asked_for() -> None:
    typed = {**TRAFFIC, "google_keyword": "left over", "referring_url": "", "runs": "9", "link": "x"}

    assert (await accepted(ServiceType.WEB_TRAFFIC, typed)).fields == TRAFFIC


@pytest.mark.parametrize(("kind", "field"), [("1", "google_keyword"), ("2", "referring_url")])
async def test_web_traffic_asks_for_what_its_source_needs(kind: str, field: str) -> None:
    errors = await errors_of(ServiceType.WEB_TRAFFIC, {**TRAFFIC, "type_of_traffic": kind})

    assert errors == {field: "Fill this in."}


async def test_referring_address_is_normalised_and_checked_like_a_link() -> None:
    from_site = {**TRAFFIC, "type_of_traffic": "2"}

    line = await accepted(ServiceType.WEB_TRAFFIC, {**from_site, "referring_url": "Example.org/a?utm_source=b"})

    assert line.fields["referring_url"] == "https://example.org/a"
    errors = await errors_of(ServiceType.WEB_TRAFFIC, {**from_site, "referring_url": "http://10.0.0.1/"})
    assert errors == {"referring_url": "That address belongs to a private or reserved network. Give a public one."}


@pytest.mark.parametrize(
    ("country", "sentence"),
    [("U\x00S", "Write this on one line."), ("a" * 201, "Keep this under 200 characters.")],
)
async def test_text_is_one_readable_line(country: str, sentence: str) -> None:
    assert await errors_of(ServiceType.WEB_TRAFFIC, {**TRAFFIC, "country": country}) == {"country": sentence}


async def test_more_than_the_ledger_can_hold_is_refused() -> None:
    errors = await errors_of(ServiceType.DEFAULT, {}, rate=10**6 * UNIT, max_quantity=2**31, quantity=2**31)

    assert errors == {"quantity": "That is more than one order can be. Split it or ask us."}


@pytest.mark.parametrize("values", [{"type": ServiceType.SUBSCRIPTIONS}, {"rate": 0}])
async def test_service_that_cannot_be_sold_is_refused(values: dict[str, Any]) -> None:
    view = await view_of(await make_service(**values))

    with pytest.raises(Refused, match="can't be ordered"):
        check(view, Typed(link=LINK, quantity=1000, fields={}))
