"""Formatting: durations, amounts and quantities as a person reads them, in little room."""

from __future__ import annotations

from decimal import Decimal

from slotwise.precision import EXACT, rounded

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
#: Decimals of money in full.
MONEY_PLACES = 2
#: Decimals of a price: two at least, and as many as a currency pair has at most.
LEAST_PLACES, MOST_PLACES = 2, 5


def short_duration(seconds: float) -> str:
    """Write a duration in one unit: `3 s`, `4 min`, `3 h`, `2 d`."""
    whole = max(int(seconds), 0)
    if whole < 2 * MINUTE_S:
        return f"{whole} s"
    if whole < 2 * HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < 2 * DAY_S:
        return f"{whole // HOUR_S} h"
    return f"{whole // DAY_S} d"


def rough_duration(seconds: float) -> str:
    """Write a duration in whole units, two from hours on: `3 s`, `4 min`, `3 h 47 min`."""
    whole = max(int(seconds), 0)
    if whole < 2 * HOUR_S:
        return short_duration(whole)
    if whole < 2 * DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


def exact_duration(seconds: float) -> str:
    """Write a duration with two units at most: `120 ms`, `3.4 s`, `1 min 59 s`, `3 h 47 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE_S:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S} s"
    return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"


def counted(count: int, one: str, more: str = "") -> str:
    """Count things: `1 row`, `1,200 rows`, `2 batches`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def money(value: Decimal, places: int = MONEY_PLACES) -> str:
    """Write an amount with separators of thousands; what is rounded to zero has no sign."""
    amount = rounded(value, places)
    return f"{amount if amount else abs(amount):,f}"


def quantity(value: Decimal) -> str:
    """Write a quantity without zeros that say nothing, with separators of thousands."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(value: Decimal) -> str:
    """Write a price with as many decimals as it needs, between two and five."""
    text = f"{value.quantize(Decimal(1).scaleb(-MOST_PLACES), None, EXACT):,f}"
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(LEAST_PLACES, '0')}"
