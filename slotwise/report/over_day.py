"""What is counted in buckets of a day, placed on the width of a picture."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from slotwise.report.pictures import Clock, Colour, Curve, Step
from slotwise.report.span import BUCKET, Span


def clock_of(span: Span) -> Clock:
    """Return the hours of a day for pictures, and where its record ends."""
    return Clock(span.marks(), span.fraction(span.until))


def curve(
    span: Span,
    points: Iterable[tuple[datetime, float]],
    colour: Colour,
    kind: Literal["area", "line"] = "line",
) -> Curve:
    """Make a curve of values, each for the bucket that begins at its time."""
    ends = span.fraction(min(span.axis[1], span.until))
    steps = (
        Step(span.fraction(at), min(span.fraction(at + BUCKET), ends), value)
        for at, value in points
        if span.shows(at, at + BUCKET)
    )
    return Curve(tuple(steps), colour, kind)
