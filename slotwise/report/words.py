"""Times, quantities and names in words a person reads."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from slotwise.formatting import quantity
from slotwise.report.span import Span


def clock(span: Span, at: datetime) -> str:
    """Write a time of the day in its zone; with its date where it is of another day."""
    local = span.local(at)
    return f"{local:%H:%M:%S}" if local.date() == span.day else f"{local:%Y-%m-%d %H:%M:%S}"


def amount(value: Decimal | None) -> str:
    """Write a quantity without zeros that say nothing."""
    return "" if value is None else quantity(value)


def spoken(name: str) -> str:
    """Turn a name of the program's into words: `manual_trade` is a manual trade."""
    return name.replace("_", " ")
