"""The account's lines as slots: what each is used for, and a bar of them."""

from __future__ import annotations

import msgspec
from rich.text import Text

from slotwise.bus.status import GatewayStatus

#: Each use of a slot: its sign and its style. Signs differ, so that no colour is needed.
SIGNS = {
    "held": ("█", "green"),
    "rotating": ("▒", "cyan"),
    "idle": ("░", "bright_black"),
    "not granted": ("x", "red"),
    "reserve": ("·", "bright_black"),
}
#: Slots in a row where there is room: a number that counts itself.
ROWS_OF = (100, 50, 25, 10)
#: Rows of a bar at most; a larger account's is drawn to scale.
MOST_ROWS = 2


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """Count the slots by what they are used for."""

    held: int
    rotating: int
    idle: int
    not_granted: int
    reserve: int

    def uses(self) -> dict[str, int]:
        """Return the count of each use, by its name in SIGNS."""
        counts = (self.held, self.rotating, self.idle, self.not_granted, self.reserve)
        return dict(zip(SIGNS, counts, strict=True))


def slots_of(status: GatewayStatus) -> Slots:
    """Count the slots as the gateway has them; after a loss more may be in use than there are."""
    held, rotating = len(status.lines), status.quotes_in_flight
    allowed = status.limit if status.allowed is None else status.allowed
    return Slots(
        held=held,
        rotating=rotating,
        idle=max(status.limit - held - rotating, 0),
        not_granted=max(allowed - max(status.limit, held + rotating), 0),
        reserve=max(status.reserve, 0),
    )


def bar(slots: Slots, width: int) -> list[Text]:
    """Draw the slots, at most MOST_ROWS rows no wider than the width."""
    total = sum(slots.uses().values())
    if total == 0 or width < 1:
        return []
    across = next((size for size in ROWS_OF if size <= width), width)
    cells = min(total, across * MOST_ROWS)
    row, reached = Text(), 0
    for use, count in slots.uses().items():
        sign, style = SIGNS[use]
        begin, reached = reached, reached + count
        # Both ends are rounded alike, so the parts of a bar to scale fill it exactly.
        row.append(sign * (reached * cells // total - begin * cells // total), style)
    return [row[start : start + across] for start in range(0, cells, across)]
