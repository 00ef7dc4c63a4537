"""Dispatches as staff see them: every attempt to hand an order to a provider, and how it ended."""

from domain.staff.lists import Page, read_page
from models.dispatch import Dispatch, DispatchState


async def list_dispatches(*, state: DispatchState | None = None, before: int | None = None) -> Page:
    """Attempts of all orders; costs are 10^-8 of the provider's currency."""
    query = Dispatch.select(
        Dispatch.id,
        Dispatch.state,
        Dispatch.external_id,
        Dispatch.note,
        Dispatch.expected_cost,
        Dispatch.reported_cost,
        Dispatch.started_at,
        Dispatch.ended_at,
        Dispatch.order.code.as_alias("order_code"),
        Dispatch.order.state.as_alias("order_state"),
        Dispatch.provider.name.as_alias("provider_name"),
        Dispatch.provider.currency.as_alias("provider_currency"),
    )
    if state is not None:
        query = query.where(Dispatch.state == state)
    return await read_page(query, Dispatch, before=before)
