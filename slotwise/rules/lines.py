"""Which contracts get a market data line: wanted against held, within the limit.

Rules, in order:
1. One line per contract, however many strategies want it.
2. A contract of a higher priority gets its line before any of a lower one.
3. Where a priority has more contracts than lines are left for it, its contracts take turns:
   one that has held a line for a turn gives it to the first in the queue and goes to its end.
   Newcomers go by need, then by contract id.
4. A line is kept for a dwell once it is open, even against a higher priority, and a contract
   that gave its line back gets the next one no sooner than a dwell after it got the last. So no
   sequence of requests opens lines of a contract faster than one in a dwell.
5. The limit comes before the dwell: when there are fewer lines than are held, those that rank
   lowest by rules 2 and 3 go, however short a time they have been open.
6. A line is closed before the line that replaces it is opened, so the limit holds at each step.
7. A contract that is not wanted any more loses its line at once.
8. While there are contracts to be quoted in turn, a few lines of the limit are left to them.

All times are seconds of any steady clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf

import msgspec

#: A line is kept at least this long, seconds: long enough for its first ticks to be of use.
DWELL_S = 2.0
#: How long a contract keeps its line while others of its priority wait, seconds.
TURN_S = 30.0


class Claim(msgspec.Struct, frozen=True):
    """The claim of a contract on a line.

    `priority` is that of its most important strategy (1 is highest), `need` counts those that
    want it.
    """

    priority: int
    need: int = 1


class Pace(msgspec.Struct, frozen=True):
    """The shortest times between changes of a line's contract, seconds."""

    dwell_s: float = DWELL_S
    turn_s: float = TURN_S


class LinePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to close, then what to open, and which contracts wait for a line; each in order.

    `change_at` is when time alone will change the plan; None when it will not.
    """

    close: tuple[int, ...]
    open: tuple[int, ...]
    waiting: tuple[int, ...]
    change_at: float | None = None


class _Ranking:
    """Compare contracts by what they hold and how long they have waited."""

    def __init__(
        self, held: Mapping[int, float], queue: Mapping[int, int], now: float, pace: Pace
    ) -> None:
        self._held = held
        self._opened = {con_id: place for place, con_id in enumerate(held)}
        self._queue = queue
        self._now = now
        self._pace = pace

    def rank(self, con_id: int, claim: Claim) -> tuple[float, ...]:
        """Order within a priority: the next in turn, then what waits, then what had a line."""
        opened_at = self._held.get(con_id)
        if opened_at is None:
            place = self._queue.get(con_id, inf)
            return (claim.priority, 1, place, -claim.need, con_id)
        turn_over = self._now - opened_at >= self._pace.turn_s
        return (claim.priority, 2 if turn_over else 0, -self._opened[con_id])

    def place(self, con_id: int, claim: Claim, rank: int) -> tuple[int, ...]:
        """Order of what waits: one that gives up its line now goes behind, the oldest first."""
        if con_id in self._opened:
            return (claim.priority, 1, self._opened[con_id])
        return (claim.priority, 0, rank)


def plan_lines(
    wanted: Mapping[int, Claim],
    held: Mapping[int, float],
    limit: int,
    now: float,
    *,
    opened_before: Mapping[int, float] | None = None,
    queue: Sequence[int] = (),
    pace: Pace | None = None,
) -> LinePlan:
    """Plan the change from the lines that are held to those that the wanted contracts get.

    `held` maps contract id to when its line was opened, in the order in which lines were opened;
    `opened_before` does so for contracts that hold none any more, and `queue` is what waited
    according to the plan before.
    """
    pace = pace or Pace()
    room = max(limit, 0)
    if len(held) <= room and held.keys() == wanted.keys():
        # Nothing to change, as in most seconds.
        return LinePlan(close=(), open=(), waiting=())
    opened_before = opened_before or {}
    ranking = _Ranking(held, {con_id: place for place, con_id in enumerate(queue)}, now, pace)
    resting = {
        con_id: opened_before[con_id] + pace.dwell_s
        for con_id in wanted
        if con_id not in held and opened_before.get(con_id, -pace.dwell_s) + pace.dwell_s > now
    }
    able = [con_id for con_id in wanted if con_id not in resting]
    order = {
        con_id: rank
        for rank, con_id in enumerate(
            sorted(able, key=lambda con_id: ranking.rank(con_id, wanted[con_id]))
        )
    }
    ranked = list(order)
    young: set[int] = set()
    if sum(con_id in held for con_id in ranked) <= room:
        young = {c for c in ranked if c in held and now - held[c] < pace.dwell_s}
    # The sort is stable: the young first, both parts in their order.
    kept = set(sorted(ranked, key=lambda con_id: con_id not in young)[:room])
    closing = [con_id for con_id in held if con_id not in kept]
    left_out = sorted(
        (con_id for con_id in ranked if con_id not in kept),
        key=lambda con_id: ranking.place(con_id, wanted[con_id], order[con_id]),
    )
    return LinePlan(
        close=tuple(closing),
        open=tuple(con_id for con_id in ranked if con_id in kept and con_id not in held),
        waiting=(*left_out, *sorted(resting, key=lambda c: (resting[c], c))),
        change_at=_change_at(left_out, kept, held, resting.values(), wanted, now, pace),
    )


def _change_at(
    left_out: Iterable[int],
    kept: set[int],
    held: Mapping[int, float],
    resting_until: Iterable[float],
    wanted: Mapping[int, Claim],
    now: float,
    pace: Pace,
) -> float | None:
    """Return when a turn, a dwell or a rest is over, for contracts that wait."""
    times = [*resting_until]
    waiting = {wanted[con_id].priority for con_id in left_out}
    first = min(waiting, default=inf)
    for con_id in kept:
        # A line that is about to be opened begins its time now.
        opened_at = held.get(con_id, now)
        priority = wanted[con_id].priority
        if first < priority:
            times.append(opened_at + pace.dwell_s)
        elif priority in waiting:
            times.append(opened_at + pace.turn_s)
    return min((at for at in times if at > now), default=None)


def left_for_quotes(limit: int, reserve: int, *, quotes: bool) -> int:
    """Count the lines that strategies leave to quotes in turn, so that every contract gets a price.

    None where there is nothing to quote; never more than half of the lines there are.
    """
    return min(reserve, limit // 2) if quotes else 0


def idle_lines(limit: int, held: int, in_flight: int) -> int:
    """Count the lines free for a short quote, after lines held and quotes under way."""
    return max(limit - held - in_flight, 0)
