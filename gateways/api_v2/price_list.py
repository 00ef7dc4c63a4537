"""A provider's catalogue read into offers; lines that make no sense are left out, a list that is none is refused."""

from collections.abc import Sequence

from domain.dispatch.providers import OfferedService, ProviderDown
from gateways.api_v2.values import Json, read_cost, read_error, read_flag, read_text, read_whole


def read_price_list(data: Json) -> Sequence[OfferedService]:
    """Every line that names a service, its price and its limits. Raises ProviderDown for what is no list (Q11, Q12)."""
    rows = data
    if isinstance(data, dict):
        rows = next((data[name] for name in ("services", "data") if isinstance(data.get(name), list)), None)
    if not isinstance(rows, list):
        raise ProviderDown(read_error(data) or "It answered with something that is no price list.")
    return [offer for row in rows if (offer := _read_offer(row)) is not None]


def _read_offer(row: Json) -> OfferedService | None:
    if not isinstance(row, dict):
        return None
    external_id, name = read_text(row.get("service")), read_text(row.get("name"))
    cost = read_cost(row.get("rate"))
    smallest, largest = read_whole(row.get("min")), read_whole(row.get("max"))
    if not external_id or not name or cost is None or smallest is None or largest is None:
        return None
    return OfferedService(
        external_id=external_id,
        name=name,
        category=read_text(row.get("category")),
        type=read_text(row.get("type")),
        cost=cost,
        min_quantity=smallest,
        max_quantity=largest,
        refill=read_flag(row.get("refill")),
        cancel=read_flag(row.get("cancel")),
        drip_feed=read_flag(row.get("dripfeed")),
        description=read_text(row.get("desc")) or read_text(row.get("description")),
        average_minutes=read_whole(row.get("average_time")) or read_whole(row.get("avg_time")),
    )
