"""One provider over HTTP: form posts, explicit time limits, nothing ever repeated by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from domain.catalog.types import FIELDS
from domain.dispatch.providers import (
    Accepted,
    Balance,
    NotSent,
    OfferedService,
    OrderRequest,
    ProviderDown,
    ReportedState,
    StatusError,
    StatusReport,
    UnknownOutcome,
)
from gateways.api_v2.answers import WORDS, BatchRefused, read_added, read_balance, read_single, read_statuses
from gateways.api_v2.price_list import read_price_list
from gateways.api_v2.values import Json, NotJson, read_json

CONNECT_SECONDS = 5
CALL_SECONDS = 20  # for a whole call, however slowly the answer drips
DRIP_FEED = ("runs", "interval")

# All of these happen before the first byte of a request leaves: names, refused connections, TLS, addresses of ours.
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class ApiV2:
    """A provider's API v2 account (API v2 contract, chapters 1 to 9).

    The key travels in the form, so no body and no request is ever part of a message.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str,
        words: Mapping[str, ReportedState] | None = None,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        """`words` adds this provider's own status words, in bare lower-case letters and digits."""
        self._url = url
        self._key = api_key
        self._words = {**WORDS, **(words or {})}
        self._call_seconds = call_seconds
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(call_seconds, connect=CONNECT_SECONDS),
            headers={"Accept": "application/json", "User-Agent": "Upfront"},
            # A redirect would send the order a second time, a proxy of the environment might.
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def list_services(self) -> Sequence[OfferedService]:
        """Its whole price list. Raises ProviderDown, also for an answer that is no price list."""
        return read_price_list(await self._ask("services"))

    async def add_order(self, request: OrderRequest) -> Accepted:
        """Send an order once. Raises Rejected, NotSent or UnknownOutcome (contract, chapter 9)."""
        try:
            response = await self._post("add", _order_fields(request))
        except _BEFORE_SENDING as error:
            raise NotSent(f"Nothing was sent: {type(error).__name__}.") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise UnknownOutcome(f"The connection gave no answer: {type(error).__name__}.") from error
        try:
            data = read_json(response.content)
        except NotJson as error:
            raise UnknownOutcome(f"The answer was no JSON (HTTP {response.status_code}).") from error
        return read_added(response.status_code, data)

    async def list_statuses(self, external_ids: Sequence[str]) -> Mapping[str, StatusReport | StatusError]:
        """What it says of at most 100 orders; ids it left out are missing. Raises ProviderDown."""
        if len(external_ids) > 1:
            data = await self._ask("status", {"orders": ",".join(external_ids)})
            try:
                return read_statuses(data, external_ids, self._words)
            except BatchRefused:
                pass
        return {external_id: await self._find_status(external_id) for external_id in external_ids}

    async def _find_status(self, external_id: str) -> StatusReport | StatusError:
        return read_single(await self._ask("status", {"order": external_id}), external_id, self._words)

    async def find_balance(self) -> Balance:
        """What is left of the shop's money there. Raises ProviderDown."""
        return read_balance(await self._ask("balance"))

    async def _ask(self, action: str, fields: Mapping[str, str] | None = None) -> Json:
        """The JSON answer to a question, which changes nothing there. Raises ProviderDown."""
        try:
            response = await self._post(action, fields or {})
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ProviderDown(f"No answer to {action}: {type(error).__name__}.") from error
        if response.status_code >= 500:
            raise ProviderDown(f"{action} failed with HTTP {response.status_code}.")
        try:
            return read_json(response.content)
        except NotJson as error:
            raise ProviderDown(f"The answer to {action} was no JSON (HTTP {response.status_code}).") from error

    async def _post(self, action: str, fields: Mapping[str, str]) -> httpx.Response:
        form: dict[str, Any] = {**fields, "key": self._key, "action": action}
        async with asyncio.timeout(self._call_seconds):
            return await self._client.post(self._url, data=form)


def _order_fields(request: OrderRequest) -> dict[str, str]:
    """The fields of `add` for one type (contract, chapter 4): its own and no others, so that none can name the key."""
    kind = FIELDS[request.type]
    names = [field.name for field in kind.fields] + (list(DRIP_FEED) if kind.drip_feed else [])
    form = {"service": request.external_service_id}
    if kind.has_link:
        form["link"] = request.link
    if kind.has_quantity:
        form["quantity"] = str(request.quantity)
    return form | {name: request.fields[name] for name in names if request.fields.get(name)}
