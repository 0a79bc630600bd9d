"""Who gets a market data line: wanted against held, within the limit.

Rules, in order:
1. One line per contract, however many strategies own it.
2. The strategy's priority decides, then who holds a line already, then the contract id, so
   that equal claims never swap lines back and forth.
3. A line is closed before the line that replaces it is opened, so the limit holds at each step.
4. Non-essential contracts get none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec


class LinePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Say what to close, then what to open, and who waits for a line; each in order."""

    close: tuple[int, ...]
    open: tuple[int, ...]
    waiting: tuple[int, ...]


def plan_lines(wanted: Mapping[int, int], held: Collection[int], limit: int) -> LinePlan:
    """Plan the change from the `held` lines to those the `wanted` contracts deserve.

    `wanted` maps contract id to the priority of its most important strategy (1 is highest).
    """
    held_set = set(held)
    ranked = sorted(wanted, key=lambda con_id: (wanted[con_id], con_id not in held_set, con_id))
    chosen = ranked[: max(limit, 0)]
    chosen_set = set(chosen)
    return LinePlan(
        close=tuple(con_id for con_id in held if con_id not in chosen_set),
        open=tuple(con_id for con_id in chosen if con_id not in held_set),
        waiting=tuple(ranked[len(chosen) :]),
    )


def idle_lines(limit: int, held: int, in_flight: int) -> int:
    """Count the lines free for a short quote, after lines held and quotes under way."""
    return max(limit - held - in_flight, 0)
