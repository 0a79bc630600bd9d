"""Times, durations and amounts in words a person reads."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from slotwise.report.span import Span

MINUTE_S, HOUR_S = 60, 3600


def clock(span: Span, at: datetime) -> str:
    """Write a time of the day in its zone; with its date where it is of another day."""
    local = span.local(at)
    return f"{local:%H:%M:%S}" if local.date() == span.day else f"{local:%Y-%m-%d %H:%M:%S}"


def lasted(seconds: float) -> str:
    """Write a duration with two units at most."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE_S:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S} s"
    return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"


def amount(value: Decimal | None) -> str:
    """Write a quantity without zeros that say nothing."""
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def many(count: int, one: str, more: str = "") -> str:
    """Count things: `1 row`, `2 rows`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def spoken(name: str) -> str:
    """Turn a name of the program's into words: `manual_trade` is a manual trade."""
    return name.replace("_", " ")
