"""Which quote to refresh next: quotes of contracts without a line, each of bounded age.

Every contract in the rotation has a period: the time after which its quote should be replaced.
* A watched contract names its own. All of them together get at most `WATCH_SHARE` of the rate;
  where that is not enough their periods grow alike.
* The others share what is left by weight: one of weight 2 is refreshed twice as often.
The next contract is the watched one that is due, else the other one that is due, else whichever
falls due first: no rate is left idle.
The periods promise a little less than the rate allows, so whatever came late catches up, and each
contract's turn comes within its period, a fifth of it, one quote of each watched one and a few of
others.

What does not trade, or gave no quote, rests and takes no part in the shares.

All times are seconds of any steady clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from math import inf
from typing import TypeAlias

import msgspec

#: Most of the rate that watched contracts get, as a share: the others must not starve.
WATCH_SHARE = 0.8
#: Share of the rate that is promised.
PROMISED = 0.95
#: Periods are worked out again when the rate has changed by more than this, as a share.
RATE_TOLERANCE = 0.05


#: Entries of a heap: due, period, contract id.
_Heap: TypeAlias = list[tuple[float, float, int]]


class Wish(msgspec.Struct, frozen=True):
    """Say how badly a contract's age hurts: its own bound in seconds, or a weight."""

    weight: float = 1.0
    bound_s: float | None = None


class Rotation:
    """Keep who is due when."""

    def __init__(self) -> None:
        self._wishes: Mapping[int, Wish] = {}
        self._rate = 0.0
        self._periods: dict[int, float] = {}
        self._quoted_at: dict[int, float] = {}
        self._resting: dict[int, float] = {}
        self._taken: set[int] = set()
        #: Watched contracts, and the others, each by when it falls due.
        self._heaps: tuple[_Heap, _Heap] = ([], [])
        #: The entry of each contract in its heap that counts.
        self._due: dict[int, tuple[float, float]] = {}
        self._stale = True
        self._shares_changed = False

    def want(self, wishes: Mapping[int, Wish]) -> None:
        """Rotate exactly these contracts from now on; what is known of them is kept."""
        if wishes == self._wishes:
            return
        self._wishes = dict(wishes)
        for known in (self._quoted_at, self._resting):
            for con_id in [con_id for con_id in known if con_id not in wishes]:
                del known[con_id]
        self._stale = True

    def pace(self, rate: float, now: float) -> None:
        """Take the refreshes that are possible in a second, and whose rest is over."""
        over = [con_id for con_id, until in self._resting.items() if until <= now]
        for con_id in over:
            del self._resting[con_id]
        if over or self._shares_changed or abs(rate - self._rate) > RATE_TOLERANCE * self._rate:
            self._rate = rate
            self._shares_changed = False
            self._stale = True

    def take(self, now: float) -> int | None:
        """Take the next contract out of the rotation, until its quote is told."""
        if self._stale:
            self._plan()
        watched, others = (self._first(heap) for heap in self._heaps)
        if watched is None or (others is not None and watched > max(now, others)):
            heap = self._heaps[1]
        else:
            heap = self._heaps[0]
        if not heap:
            return None
        *_, con_id = heapq.heappop(heap)
        del self._due[con_id]
        self._taken.add(con_id)
        return con_id

    def quoted(self, con_id: int, at: float) -> None:
        """Note a quote; one that came over a line, or by the way, counts as well."""
        self._taken.discard(con_id)
        if con_id in self._wishes:
            self._quoted_at[con_id] = at
            self._push(con_id)

    def rest(self, con_id: int, until: float) -> None:
        """Leave a contract out until then: it does not trade, or gave no quote."""
        self._taken.discard(con_id)
        if con_id in self._wishes:
            self._resting[con_id] = until
            self._periods.pop(con_id, None)
            self._due.pop(con_id, None)
            # Many may go to rest together; the next `pace` works out the shares once.
            self._shares_changed = True

    def put_back(self, con_id: int) -> None:
        """Undo a `take`: nothing came of it, and nothing speaks against another try."""
        self._taken.discard(con_id)
        self._push(con_id)

    def planned_s(self, con_id: int) -> float | None:
        """Tell how old a contract's quote may become by the plan; None while it rests."""
        if self._stale:
            self._plan()
        return self._periods.get(con_id)

    def is_watched(self, con_id: int) -> bool:
        """Tell whether a contract has a bound of its own."""
        wish = self._wishes.get(con_id)
        return wish is not None and wish.bound_s is not None

    def ages_s(self, now: float) -> dict[int, float]:
        """Tell how old each quote is; infinite where there is none. Who rests is left out."""
        return {
            con_id: now - self._quoted_at.get(con_id, -inf)
            for con_id in self._wishes
            if con_id not in self._resting
        }

    def resting(self) -> Mapping[int, float]:
        """Tell who rests, and until when."""
        return self._resting

    def _plan(self) -> None:
        self._stale = False
        wishes = {c: wish for c, wish in self._wishes.items() if c not in self._resting}
        self._periods = periods(wishes, self._rate)
        self._due = {c: self._due_at(c) for c in self._periods if c not in self._taken}
        self._heaps = ([], [])
        for con_id, due in self._due.items():
            self._heap_of(con_id).append((*due, con_id))
        for heap in self._heaps:
            heapq.heapify(heap)

    def _push(self, con_id: int) -> None:
        if not self._stale and con_id in self._periods and con_id not in self._taken:
            due = self._due[con_id] = self._due_at(con_id)
            heapq.heappush(self._heap_of(con_id), (*due, con_id))

    def _heap_of(self, con_id: int) -> _Heap:
        return self._heaps[self._wishes[con_id].bound_s is None]

    def _first(self, heap: _Heap) -> float | None:
        """Tell when the first of a heap falls due; drops entries that count no more."""
        while heap and self._due.get(heap[0][2]) != heap[0][:2]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def _due_at(self, con_id: int) -> tuple[float, float]:
        """Order by when a quote falls due; those without one first, the shortest period ahead."""
        period = self._periods[con_id]
        quoted_at = self._quoted_at.get(con_id)
        return (-inf, period) if quoted_at is None else (quoted_at + period, period)


def periods(wishes: Mapping[int, Wish], rate: float) -> dict[int, float]:
    """Work out each contract's period, seconds; together they use up what can be promised."""
    if rate <= 0:
        return dict.fromkeys(wishes, inf)
    rate *= PROMISED
    weights = {c: wish.weight for c, wish in wishes.items() if wish.bound_s is None}
    bounds = {c: wish.bound_s for c, wish in wishes.items() if wish.bound_s is not None}
    most = rate * (WATCH_SHARE if weights else 1.0)
    asked = sum(1 / bound for bound in bounds.values())
    stretch = max(asked / most, 1.0)
    left = rate - asked / stretch
    total = sum(weights.values())
    return {
        **{c: bound * stretch for c, bound in bounds.items()},
        **{c: total / (left * weight) for c, weight in weights.items()},
    }
