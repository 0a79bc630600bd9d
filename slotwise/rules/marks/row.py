"""A mark as a row of table `marks`, with as many digits as its band justifies.

Digits beyond them would be noise that no reader can use, and that does not compress: a day of
10,000 marks a minute is 14 million rows.
"""

from __future__ import annotations

from datetime import datetime
from math import floor, isfinite, log10

import msgspec

from slotwise.rules.marks.mark import Mark, MarkSource

#: Digits of a band and of a greek: the learnt factors of bands are not known more exactly.
DIGITS = 3
#: A mark is rounded to this share of its band: 95 of 100 true prices lie within the whole of it.
SHARE = 0.01
#: Decimals of an age, seconds: marks are made once a second.
AGE_DECIMALS = 1
#: Decimals of a mark without a band.
MOST_DECIMALS = 10


class MarkRow(msgspec.Struct, frozen=True, gc=False):
    """Hold one row of table `marks`; `lake.schemas` gives each column's meaning."""

    con_id: int
    at: datetime
    mark: float | None
    band: float | None
    source: MarkSource
    age_s: float | None
    greeks_age_s: float | None
    underlying_age_s: float | None
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    vega: float | None = None
    theta: float | None = None


def mark_row(mark: Mark, at: datetime) -> MarkRow:
    """Make a mark a row; `at` is its moment by the machine's clock."""
    greeks = mark.greeks
    return MarkRow(
        con_id=mark.con_id,
        at=at,
        mark=rounded_mark(mark.value, mark.band),
        band=_in_digits(mark.band),
        source=mark.source,
        age_s=_age(mark.age_s),
        greeks_age_s=_age(mark.greeks_age_s),
        underlying_age_s=_age(mark.underlying_age_s),
        iv=None if greeks is None else _in_digits(greeks.iv),
        delta=None if greeks is None else _in_digits(greeks.delta),
        gamma=None if greeks is None else _in_digits(greeks.gamma),
        vega=None if greeks is None else _in_digits(greeks.vega / 100.0),
        theta=None if greeks is None else _in_digits(greeks.theta),
    )


def rounded_mark(value: float | None, band: float | None) -> float | None:
    """Round a mark to the decimals that its band justifies; None stays unknown."""
    if value is None or not isfinite(value):
        return None
    step = abs(band or 0.0) * SHARE
    if not step > 0.0 or not isfinite(step):
        return round(value, MOST_DECIMALS)
    return round(value, min(-floor(log10(step)), MOST_DECIMALS))


def _in_digits(number: float | None) -> float | None:
    if number is None or not isfinite(number):
        return None
    return number if number == 0.0 else round(number, DIGITS - 1 - floor(log10(abs(number))))


def _age(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, AGE_DECIMALS)
