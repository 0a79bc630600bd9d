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

A contract that gave no quote `SILENT_AFTER` times in a row is *silent* until a quote of it comes;
one that never gave any is so after its first try.
Silent contracts have no period. They are tried in the order in which their rests end, watched ones
first: whenever no other is due, and at least for `SILENT_SHARE` of what watched contracts leave. So
however many they are, they keep no other from its quotes, and are not forgotten either.

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
#: Share of what watched contracts leave that silent ones get at least, and are planned for: enough
#: to find the few that have come to life, while the others keep four fifths of their pace.
SILENT_SHARE = 0.2
#: Tries without a quote that make a contract silent which had one before: one may be bad luck.
SILENT_AFTER = 2
#: Share of the rate that is promised.
PROMISED = 0.95
#: Periods are worked out again when the rate has changed by more than this, as a share.
RATE_TOLERANCE = 0.05


#: Entries of a heap: due, period, contract id.
_Heap: TypeAlias = list[tuple[float, float, int]]
#: Which heap a contract is in.
_WATCHED, _OTHERS, _SILENT = range(3)


class QuoteTarget(msgspec.Struct, frozen=True):
    """Rotation target of a contract: a maximum age in seconds, or a weight."""

    weight: float = 1.0
    bound_s: float | None = None


class Rotation:
    """Keep who is due when."""

    def __init__(self) -> None:
        self._targets: Mapping[int, QuoteTarget] = {}
        self._rate = 0.0
        self._shares = Shares(inf, 1.0)
        self._periods: dict[int, float] = {}
        self._quoted_at: dict[int, float] = {}
        self._resting: dict[int, float] = {}
        #: Since when a contract takes part: wanted, or its rest is over.
        self._since: dict[int, float] = {}
        self._now = -inf
        self._taken: set[int] = set()
        #: How many times in a row contracts gave no quote.
        self._misses: dict[int, int] = {}
        #: Quotes' worth of the rate that silent contracts have not had yet.
        self._silent_credit = 0.0
        self._silent_cost = 1.0
        #: Watched, other and silent contracts, each by when it falls due.
        self._heaps: tuple[_Heap, _Heap, _Heap] = ([], [], [])
        #: The entry of each contract in its heap that counts.
        self._due: dict[int, tuple[float, float]] = {}
        self._stale = True
        self._shares_changed = False

    def want(self, targets: Mapping[int, QuoteTarget]) -> None:
        """Rotate exactly these contracts from now on; what is known of them is kept."""
        if targets == self._targets:
            return
        for con_id in targets:
            self._since.setdefault(con_id, self._now)
        self._targets = dict(targets)
        for known in (self._quoted_at, self._since, self._resting, self._misses):
            for con_id in [con_id for con_id in known if con_id not in targets]:
                del known[con_id]
        self._stale = True

    def pace(self, rate: float, now: float, silent_cost: float = 1.0) -> None:
        """Take the refreshes that are possible in a second, and whose rest is over.

        `silent_cost` is how many of them could be made in the time that one silent contract takes.
        """
        self._now = now
        self._silent_cost = max(silent_cost, 1.0)
        over = [con_id for con_id, until in self._resting.items() if until <= now]
        for con_id in over:
            self._since[con_id] = self._resting.pop(con_id)
        if over or self._shares_changed or abs(rate - self._rate) > RATE_TOLERANCE * self._rate:
            self._rate = rate
            self._shares_changed = False
            self._stale = True

    def take(self, now: float) -> int | None:
        """Take the next contract out of the rotation, until its quote is told."""
        if self._stale:
            self._plan()
        which = self._next(now)
        if which is None:
            return None
        *_, con_id = heapq.heappop(self._heaps[which])
        del self._due[con_id]
        self._taken.add(con_id)
        if which == _SILENT:
            self._silent_credit = max(self._silent_credit - self._silent_cost, 0.0)
        elif which == _OTHERS and self._heaps[_SILENT]:
            earned = self._silent_credit + SILENT_SHARE / (1 - SILENT_SHARE)
            self._silent_credit = min(earned, self._silent_cost)
        return con_id

    def _next(self, now: float) -> int | None:
        """Choose the heap to take from; None when all are empty."""
        watched, others, silent = (self._first(heap) for heap in self._heaps)
        if watched is not None and watched <= now:
            return _WATCHED
        others_due = others is not None and others <= now
        if silent is not None and (not others_due or self._silent_credit >= self._silent_cost):
            return _SILENT
        if others is not None and (watched is None or others < watched):
            return _OTHERS
        return _WATCHED if watched is not None else None

    def quoted(self, con_id: int, at: float) -> None:
        """Note a quote; one that came over a line, or by the way, counts as well."""
        self._taken.discard(con_id)
        if con_id in self._targets:
            was_silent = self.is_silent(con_id)
            self._quoted_at[con_id] = at
            self._misses.pop(con_id, None)
            if was_silent and not self._stale:
                # As good as planned, until the next `pace` works out the shares.
                self._periods[con_id] = self._shares.period_s(self._targets[con_id])
                self._shares_changed = True
            self._push(con_id)

    def rest(self, con_id: int, until: float, *, asked: bool = True) -> None:
        """Leave a contract out until then: it was `asked` and gave no quote, or does not trade."""
        self._taken.discard(con_id)
        if con_id in self._targets:
            self._resting[con_id] = until
            # A market that opens is news: what was silent before may not be.
            self._misses[con_id] = self._misses.get(con_id, 0) + 1 if asked else 0
            self._periods.pop(con_id, None)
            self._due.pop(con_id, None)
            # Many may go to rest together; the next `pace` works out the shares once.
            self._shares_changed = True

    def end_rest(self, con_id: int, now: float) -> None:
        """Let a contract that rests take part again; that says nothing of it."""
        if con_id in self._resting:
            self._resting[con_id] = min(self._resting[con_id], now)

    def put_back(self, con_id: int) -> None:
        """Undo a `take`: nothing came of it, and nothing speaks against another try."""
        self._taken.discard(con_id)
        self._push(con_id)

    def planned_s(self, con_id: int) -> float | None:
        """Return how old a contract's quote may become by the plan; None while it rests."""
        if self._stale:
            self._plan()
        return self._periods.get(con_id)

    def is_watched(self, con_id: int) -> bool:
        """Return whether a contract has a bound of its own."""
        target = self._targets.get(con_id)
        return target is not None and target.bound_s is not None

    def is_silent(self, con_id: int) -> bool:
        """Return True for a contract that gave no quote for too many times in a row."""
        most = SILENT_AFTER if con_id in self._quoted_at else 1
        return self._misses.get(con_id, 0) >= most

    def ages_s(self, now: float) -> dict[int, float]:
        """Return how old each quote is; infinite where there is none. Who rests is left out."""
        return {
            con_id: now - self._quoted_at.get(con_id, -inf)
            for con_id in self._targets
            if con_id not in self._resting
        }

    def unquoted(self) -> list[int]:
        """Return the contracts, resting or not, of which no quote ever came."""
        return [con_id for con_id in self._targets if con_id not in self._quoted_at]

    def resting(self) -> Mapping[int, float]:
        """Return which contracts rest, and until when."""
        return self._resting

    def _plan(self) -> None:
        self._stale = False
        taking_part = {c: target for c, target in self._targets.items() if c not in self._resting}
        planned = {c: target for c, target in taking_part.items() if not self.is_silent(c)}
        silent = len(planned) < len(taking_part)
        self._shares = shares(planned, self._rate, silent=silent)
        self._periods = {c: self._shares.period_s(target) for c, target in planned.items()}
        self._due = {c: self._due_at(c) for c in taking_part if c not in self._taken}
        self._heaps = ([], [], [])
        for con_id, due in self._due.items():
            self._heap_of(con_id).append((*due, con_id))
        for heap in self._heaps:
            heapq.heapify(heap)

    def _push(self, con_id: int) -> None:
        takes_part = con_id in self._targets and con_id not in self._resting
        if takes_part and not self._stale and con_id not in self._taken:
            due = self._due[con_id] = self._due_at(con_id)
            heapq.heappush(self._heap_of(con_id), (*due, con_id))

    def _heap_of(self, con_id: int) -> _Heap:
        if self.is_silent(con_id):
            return self._heaps[_SILENT]
        return self._heaps[_WATCHED if self.is_watched(con_id) else _OTHERS]

    def _first(self, heap: _Heap) -> float | None:
        """Return when the first of a heap falls due; drops entries that count no more."""
        while heap and self._due.get(heap[0][2]) != heap[0][:2]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def _due_at(self, con_id: int) -> tuple[float, float]:
        """Order by when a quote falls due, then by period.

        A contract without a quote is due since it takes part, and none is due before that.
        """
        since = self._since[con_id]
        if self.is_silent(con_id):
            return (-inf if self.is_watched(con_id) else since, since)
        period = self._periods[con_id]
        quoted_at = self._quoted_at.get(con_id)
        return (since if quoted_at is None else max(quoted_at + period, since), period)


class Shares(msgspec.Struct, frozen=True):
    """How the rate is shared: the period of weight 1, and the factor of watched bounds."""

    unit_s: float
    stretch: float

    def period_s(self, target: QuoteTarget) -> float:
        """Return the period that a target comes to, seconds."""
        if target.bound_s is None:
            return self.unit_s / target.weight
        return target.bound_s * self.stretch


def shares(targets: Mapping[int, QuoteTarget], rate: float, *, silent: bool = False) -> Shares:
    """Compute the shares of a rate; together they use up what can be promised.

    Where there are `silent` contracts a part of it is left to them.
    """
    if rate <= 0:
        return Shares(inf, inf)
    rate *= PROMISED
    total = sum(target.weight for target in targets.values() if target.bound_s is None)
    asked = sum(1 / target.bound_s for target in targets.values() if target.bound_s is not None)
    most = rate * (WATCH_SHARE if total or silent else 1.0)
    stretch = max(asked / most, 1.0)
    left = (rate - asked / stretch) * ((1 - SILENT_SHARE) if silent else 1.0)
    return Shares(total / left if left > 0 else inf, stretch)


def periods(targets: Mapping[int, QuoteTarget], rate: float) -> dict[int, float]:
    """Compute each contract's period, seconds."""
    shared = shares(targets, rate)
    return {con_id: shared.period_s(target) for con_id, target in targets.items()}
