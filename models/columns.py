"""Columns with the shop's own defaults: required, explicit, never cascading."""

from typing import Any

from piccolo.columns import BigInt, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.table import Table


def reference(table: type[Table] | str, *, null: bool = False, unique: bool = False, index: bool = True) -> Any:
    """A foreign key that refuses to lose what it points to.

    Piccolo's own is nullable and cascades; nothing that money or privacy depends on may vanish that way.
    """
    target: Any = table
    return ForeignKey(
        target,
        null=null,
        unique=unique,
        index=index and not unique,
        on_delete=OnDelete.restrict,
        on_update=OnUpdate.restrict,
    )


def optional_time(*, index: bool = False) -> Any:
    """A moment that may not have come yet."""
    return Timestamptz(null=True, default=None, index=index)


def money(*, null: bool = False) -> Any:
    """An amount in 10^-8 of a currency unit."""
    return BigInt(null=True, default=None) if null else BigInt(default=0)


def currency() -> Any:
    """An ISO 4217 code."""
    return Varchar(length=3)
