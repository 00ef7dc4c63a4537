"""Answers of API v2 read into the shop's own words, as tolerant of dialects as is safe (API v2 contract, chapter 8)."""

from collections.abc import Collection, Mapping

from domain.dispatch.providers import (
    Accepted,
    Balance,
    ProviderDown,
    Rejected,
    ReportedState,
    StatusError,
    StatusReport,
    UnknownOutcome,
)
from gateways.api_v2.sentences import is_failure, is_global, reason_of
from gateways.api_v2.values import Json, read_cost, read_error, read_id, read_text, read_whole

# Compared as bare letters. Numbers, "Refunded", "Fail" and "Error" have no agreed meaning, so each provider's are set.
WORDS: Mapping[str, ReportedState] = {
    "pending": ReportedState.PENDING,
    "awaiting": ReportedState.PENDING,
    "inprogress": ReportedState.IN_PROGRESS,
    "processing": ReportedState.PROCESSING,
    "completed": ReportedState.COMPLETED,
    "partial": ReportedState.PARTIAL,
    "canceled": ReportedState.CANCELED,
    "cancelled": ReportedState.CANCELED,
    "canelled": ReportedState.CANCELED,
}


class BatchRefused(Exception):
    """A call for many orders failed as a whole: each has to be asked for alone (chapter 8, Q20)."""


def read_added(status: int, data: Json) -> Accepted:
    """The id of a new order. Raises Rejected for a clear refusal, UnknownOutcome for all that is less than clear."""
    external_id, sentence = read_id(data), read_error(data)
    if external_id and sentence:
        raise UnknownOutcome(f"It named an order and an error: {sentence}", external_id=external_id)
    if status >= 500:
        raise UnknownOutcome(f"It failed with HTTP {status}. {sentence}".strip(), external_id=external_id)
    if external_id:
        return Accepted(external_id)
    if not sentence:
        raise UnknownOutcome("It answered without an order id.")
    if is_failure(sentence):
        raise UnknownOutcome(f"It failed within: {sentence}")
    raise Rejected(sentence, reason=reason_of(sentence))


def read_statuses(
    data: Json, external_ids: Collection[str], words: Mapping[str, ReportedState]
) -> dict[str, StatusReport | StatusError]:
    """The reports on the orders asked for, by id: never by position, and never a stranger's (Q3).

    Raises BatchRefused or ProviderDown.
    """
    rows = _rows_by_id(data)
    asked = {external_id: rows[external_id] for external_id in external_ids if external_id in rows}
    if not asked:
        _refuse_whole(read_error(data))
    return {external_id: read_status(row, words) for external_id, row in asked.items()}


def _rows_by_id(data: Json) -> Mapping[str, Json]:
    if isinstance(data, list):
        return {read_id(row) or "": row for row in data}
    if isinstance(data, dict):
        wrapped = next((data[name] for name in ("data", "orders") if isinstance(data.get(name), dict | list)), None)
        return data if wrapped is None else _rows_by_id(wrapped)
    return {}


def _refuse_whole(sentence: str) -> None:
    if is_global(sentence):
        raise ProviderDown(sentence)
    raise BatchRefused


def read_single(data: Json, external_id: str, words: Mapping[str, ReportedState]) -> StatusReport | StatusError:
    """The report on one order, also where it is wrapped in an object keyed by its id (Q2). Raises ProviderDown."""
    row = data[external_id] if isinstance(data, dict) and external_id in data else data
    answer = read_status(row, words)
    if isinstance(answer, StatusError) and is_global(answer.sentence):
        raise ProviderDown(answer.sentence)
    return answer


def read_status(row: Json, words: Mapping[str, ReportedState]) -> StatusReport | StatusError:
    """One order's report, or its error, which some panels send as a bare string (Q4)."""
    if not isinstance(row, dict):
        return StatusError(read_text(row) or "It said nothing of this order.")
    sentence = read_error(row)
    word = read_text(row.get("status"))
    if sentence or not word:
        return StatusError(sentence or "It gave no status.")
    return StatusReport(
        state=words.get(bare_letters(word)),
        word=word,
        start_count=read_whole(row.get("start_count")),
        remains=read_whole(row.get("remains")),
        cost=read_cost(row.get("charge")),
    )


def bare_letters(word: str) -> str:
    """A status word without case, blanks, dashes and underscores."""
    return "".join(filter(str.isalnum, word.casefold()))


def read_balance(data: Json) -> Balance:
    """What is left of the shop's money there. Raises ProviderDown."""
    outer = data if isinstance(data, dict) else {}
    row = outer["data"] if isinstance(outer.get("data"), dict) else outer
    amount = read_cost(row.get("balance"))
    if amount is None:
        raise ProviderDown(read_error(outer) or "It did not say what the balance is.")
    return Balance(amount, read_text(row.get("currency")))
