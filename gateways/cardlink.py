"""Payments by card and SBP through cardlink.link: a bill there for each payment here."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from domain import money
from domain.money import NotMoney
from domain.payments.processors import (
    CredentialRefused,
    HostedPage,
    Intent,
    ProcessorDown,
    ProcessorRefused,
    Told,
    Truth,
    TruthState,
)
from gateways import cardlink_notifications

TIMEOUT = httpx.Timeout(10, connect=5)  # seconds; a customer waits for `start`
PAGE_SIZE = 100
MOST_PAGES = 100

_STATES = {
    "NEW": TruthState.OPEN,
    "PROCESS": TruthState.PROCESSING,
    "SUCCESS": TruthState.PAID,
    "UNDERPAID": TruthState.UNDERPAID,
    "OVERPAID": TruthState.OVERPAID,
    "FAIL": TruthState.FAILED,
}

_ARRIVED = ("SUCCESS", "UNDERPAID", "OVERPAID")

Json = Mapping[str, Any]


class Cardlink:
    """One shop's account at cardlink.link, over its API v1 (payments contract, chapter 2).

    The token also signs notifications and could create payouts, so it appears in no message and no log.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        shop_id: str,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._shop_id = shop_id
        self._client = httpx.AsyncClient(
            base_url=f"{self._url}/",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def key(self) -> str:
        return "cardlink"

    async def start(self, intent: Intent) -> HostedPage:
        """Create a `normal` bill; nothing at the processor keeps a second call from creating a second one."""
        bill = await self._call("POST", "bill/create", data=self._describe(intent))
        if str(bill.get("success")).lower() != "true":
            raise ProcessorRefused("bill/create did not succeed.")
        reference, url = str(bill.get("bill_id") or ""), str(bill.get("link_page_url") or "")
        # A payer is never sent from an encrypted shop to an unencrypted page.
        if not reference or urlsplit(url).scheme != urlsplit(self._url).scheme:
            raise ProcessorDown("bill/create answered without a bill or its page.")
        return HostedPage(reference, url)

    async def find(self, code: str, *, created_at: datetime) -> HostedPage | None:
        """Look through the bills of those days for one with our order_id, as a repeated create would make another."""
        days = {"start_date": created_at.date(), "finish_date": created_at.date() + timedelta(days=1)}
        query = {name: day.isoformat() for name, day in days.items()} | {"shop_id": self._shop_id}
        async for bill in self._list("bill/search", query):
            if bill.get("order_id") == code:
                reference = _text(bill, "id")
                return HostedPage(reference, f"{self._url.removesuffix('/api/v1')}/link/{quote(reference, safe='')}")
        return None

    async def find_truth(self, reference: str) -> Truth:
        bill = await self._call("GET", "bill/status", params={"id": reference})
        state = _STATES.get(_text(bill, "status"))
        if state is None:
            raise ProcessorDown("bill/status answered with a status that it does not document.")
        if state is TruthState.PAID and not await self._is_money_still_there(reference):
            state = TruthState.REVERSED
        currency = _text(bill, "currency_in")
        is_other_sum = state in (TruthState.UNDERPAID, TruthState.OVERPAID)
        return Truth(
            state=state,
            reference=_text(bill, "id"),
            code=str(bill.get("order_id") or ""),
            amount=_amount(bill, "amount"),
            currency=currency,
            arrived=await self._sum_arrived(reference, currency) if is_other_sum else None,
        )

    def read_notification(self, body: bytes, headers: Mapping[str, str]) -> Told:  # noqa: ARG002 - signed in the body
        return cardlink_notifications.read_notification(body, token=self._token)

    async def aclose(self) -> None:
        await self._client.aclose()

    def _describe(self, intent: Intent) -> dict[str, str]:
        return {
            "amount": money.plain(intent.amount, places=2),
            "shop_id": self._shop_id,
            "order_id": intent.code,
            "description": intent.description,
            "type": "normal",
            "currency_in": intent.currency,
            "ttl": str(int(intent.lifetime.total_seconds())),
            "locale": "en",
            "success_url": f"{intent.return_url}/return",
            "fail_url": f"{intent.return_url}/failure",
            "return_url": intent.return_url,
        }

    async def _is_money_still_there(self, reference: str) -> bool:
        """Whether a successful payment of the bill was neither refunded nor charged back."""
        successful = [p async for p in self._list("bill/payments", {"id": reference}) if p.get("status") == "SUCCESS"]
        if not successful:
            raise ProcessorDown("A bill is paid, but bill/payments knows no payment of it.")
        for payment in successful:
            query = {"id": _text(payment, "id"), "refunds": "true", "chargeback": "true"}
            detail = await self._call("GET", "payment/status", params=query)
            if not _amount({"refunded_amount": 0, **detail}, "refunded_amount") and not detail.get("chargeback"):
                return True
        return False

    async def _sum_arrived(self, reference: str, currency: str) -> int | None:
        """What was paid on the bill and not refunded, in 10^-8; None where that is not all in the bill's currency."""
        arrived = [p async for p in self._list("bill/payments", {"id": reference}) if p.get("status") in _ARRIVED]
        if not arrived or any(payment.get("currency_in") != currency for payment in arrived):
            return None
        return sum(_amount(p, "amount") - _amount({"refunded_amount": 0, **p}, "refunded_amount") for p in arrived)

    async def _list(self, path: str, query: Mapping[str, str]) -> AsyncIterator[Json]:
        """Every row of a list that comes in pages, each with the cursor of the next."""
        cursor: dict[str, str] = {}
        for _page in range(MOST_PAGES):
            answer = await self._call("GET", path, params={**query, "per_page": str(PAGE_SIZE), **cursor})
            rows, meta = answer.get("data"), answer.get("meta")
            if not isinstance(rows, list) or not isinstance(meta, dict):
                raise ProcessorDown(f"{path} answered without a list.")
            for row in rows:
                yield row if isinstance(row, dict) else {}
            if not meta.get("next_cursor"):
                return
            cursor = {"cursor": str(meta["next_cursor"])}
        # An answer of "not there" would let another bill be made, so a list without end is no answer.
        raise ProcessorDown(f"{path} has no end.")

    async def _call(self, method: str, path: str, **content: Any) -> Json:
        try:
            answer = await self._client.request(method, path, **content)
        except httpx.HTTPError as error:
            # The kind alone: an error's text may hold the address with its query.
            raise ProcessorDown(f"{path}: {type(error).__name__}") from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise CredentialRefused(f"{path}: the token is not accepted.")
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise ProcessorRefused(f"{path}: {', '.join(_faulty_fields(answer))}")
        if answer.status_code != httpx.codes.OK:
            raise ProcessorDown(f"{path}: HTTP {answer.status_code}")
        return _read_json(answer, path)


def _read_json(answer: httpx.Response, path: str) -> Json:
    try:
        content = json.loads(answer.content, parse_float=Decimal)
    except ValueError as error:
        raise ProcessorDown(f"{path} did not answer with JSON.") from error
    if not isinstance(content, dict):
        raise ProcessorDown(f"{path} did not answer with an object.")
    return content


def _faulty_fields(answer: httpx.Response) -> list[str]:
    """The names of the fields that it complains about; its sentences may repeat what they held."""
    try:
        errors = _read_json(answer, "").get("errors")
    except ProcessorDown:
        errors = None
    return sorted(errors) if isinstance(errors, dict) else ["refused"]


def _text(row: Json, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise ProcessorDown(f"An answer has no {name}.")
    return value


def _amount(row: Json, name: str) -> int:
    """Money as a JSON number or a string, exactly; in 10^-8."""
    try:
        return money.parse(str(row.get(name)))
    except NotMoney as error:
        raise ProcessorDown(f"An answer's {name} is no amount.") from error
