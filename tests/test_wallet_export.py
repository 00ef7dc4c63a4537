import pytest

from domain import wallet
from domain.money import UNIT
from domain.wallet import Charge, StatementPart
from tests.factories import make_account


async def download(account_id: int, part: StatementPart = StatementPart.ALL) -> str:
    chunks = [chunk async for chunk in wallet.write_statement(account_id, currency="USD", part=part)]
    return b"".join(chunks).decode("utf-8-sig")


async def fill(account_id: int, *, reference: str = "P1") -> None:
    await wallet.top_up(
        account_id, amount=100 * UNIT, processor="cardlink", cause="payment:1", reference=reference, currency="USD"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_text_that_a_spreadsheet_would_run_is_guarded(start: str) -> None:
    account = await make_account()
    await fill(account.id, reference=f"{start}1+1")

    text = await download(account.id)

    assert f"'{start}1+1" in text


async def test_amounts_below_zero_stay_numbers() -> None:
    account = await make_account()
    await fill(account.id)
    await wallet.charge(account.id, [Charge("order:1:charge", "A", 1)], currency="USD")

    assert ",charge,A,,-0.00000001,99.99999999,USD\r\n" in await download(account.id)


async def test_whole_statement_is_written_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.wallet.statement._CHUNK", 7)
    account = await make_account()
    await fill(account.id)
    charges = [Charge(f"order:{number}:charge", f"A{number}", 1) for number in range(30)]
    await wallet.charge(account.id, charges, currency="USD")

    lines = (await download(account.id)).splitlines()

    assert [line.split(",")[2] for line in lines[1:]] == [f"A{number}" for number in range(29, -1, -1)] + ["P1"]


async def test_only_the_chosen_part_is_written() -> None:
    account = await make_account()
    await fill(account.id)
    await wallet.charge(account.id, [Charge("order:1:charge", "A", 1)], currency="USD")

    lines = (await download(account.id, StatementPart.SPENT)).splitlines()

    assert [line.split(",")[1] for line in lines] == ["kind", "charge"]
