"""Times, prices and names, as a person reads them in little room."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from slotwise.formatting import LEAST_PLACES, MOST_PLACES, rough_duration

#: A name that is cut keeps its end in this part of its room, as a divisor.
END_SHARE = 3


def plain(text: str) -> str:
    """Remove from a text from outside what moves the cursor or has no width."""
    return "".join(char if char.isprintable() else " " for char in text)


def cut_name(text: str, room: int) -> str:
    """Cut a name that is too long in its middle: a strike or a number at its end sets it apart."""
    if cell_len(text) <= room:
        return text
    end = text
    while cell_len(end) > room // END_SHARE:
        end = end[1:]
    return set_cell_size(text, max(room - 1 - cell_len(end), 0)) + "…" + end


def of_planned(seconds: float, planned_s: float | None) -> str:
    """Write how long something takes beside what was planned: `4 of 5 s`, `70 s of 3 min`."""
    if planned_s is None:
        return rough_duration(seconds)
    taken, planned = rough_duration(seconds), rough_duration(planned_s)
    return f"{taken.removesuffix(' s') if planned.endswith(' s') else taken} of {planned}"


def since(then: datetime, now: datetime) -> str:
    """Write how long ago something was."""
    return rough_duration((now - then).total_seconds())


def clock(at: datetime, now: datetime) -> str:
    """Write when something was, with its day where that is another one."""
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%m-%d %H:%M:%S}"


def price(value: Decimal | None) -> str:
    """Write a price."""
    if value is None:
        return "-"
    text = f"{value:.{MOST_PLACES}f}"
    whole, point, places = text.partition(".")
    return whole + point + places.rstrip("0").ljust(LEAST_PLACES, "0") if point else text


def fit(text: Text, width: int) -> Text:
    """Cut a row to the room there is."""
    row = text.copy()
    row.no_wrap = True
    row.plain = plain(row.plain)
    row.rstrip()
    row.truncate(width, overflow="ellipsis")
    return row
