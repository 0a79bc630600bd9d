"""View: how a user looks at a sheet: order, filter, and the row under the cursor. Pure.

Rules:
* The cursor stays on its row while rows change places; where the row is gone, on its place.
* A row whose number is not known comes last, in either direction.
* Every word of a filter must be in a row, in any order and case.
"""

from __future__ import annotations

import msgspec

from workers.top.sheet import Sheet


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has chosen on one tab."""

    #: Column that rows are sorted by; None is the sheet's own order.
    column: int | None = None
    descending: bool = False
    filter: str = ""
    #: Key of the row under the cursor, and its place among the shown ones.
    key: str = ""
    place: int = 0


def shown_rows(sheet: Sheet, view: View) -> list[int]:
    """Return the places of a sheet's rows that are shown, in their order."""
    wanted = view.filter.lower().split()
    rows = [
        row
        for row in range(len(sheet))
        if not wanted or all(word in sheet.words(row).lower() for word in wanted)
    ]
    column = view.column
    if column is None or column >= len(sheet.headings):
        return rows
    known: list[tuple[float, str, int]] = []
    unknown: list[int] = []
    for row in rows:
        key = sheet.sort_key(row, column)
        match key:
            case None | "":
                unknown.append(row)
            case str():
                known.append((0.0, key, row))
            case _:
                known.append((key, "", row))
    known.sort(key=lambda one: one[:2], reverse=view.descending)
    return [row for _, _, row in known] + unknown


def with_cursor(sheet: Sheet, view: View, shown: list[int]) -> View:
    """Return the view with its cursor on the row it was on, else on the same place."""
    if not shown:
        return msgspec.structs.replace(view, place=0)
    if view.place < len(shown) and sheet.key(shown[view.place]) == view.key:
        return view
    for place, row in enumerate(shown):
        if view.key and sheet.key(row) == view.key:
            return msgspec.structs.replace(view, place=place)
    return at_place(sheet, view, shown, view.place)


def at_place(sheet: Sheet, view: View, shown: list[int], place: int) -> View:
    """Return the view with its cursor on a place, the nearest that there is."""
    place = max(min(place, len(shown) - 1), 0)
    key = sheet.key(shown[place]) if shown else ""
    return msgspec.structs.replace(view, place=place, key=key)


def sorted_by_next(sheet: Sheet, view: View, step: int) -> View:
    """Return the view sorted by the next column, or the one before; beyond the ends by none."""
    places = [None, *range(len(sheet.headings))]
    at = places.index(view.column) if view.column in places else 0
    column = places[(at + step) % len(places)]
    # The largest number is looked for, and the first name.
    descending = column is not None and not sheet.headings[column].is_text
    return msgspec.structs.replace(view, column=column, descending=descending)


def reversed_order(view: View) -> View:
    """Return the view in the other direction."""
    return msgspec.structs.replace(view, descending=not view.descending)
