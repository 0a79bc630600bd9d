"""Which quote to refresh next: quotes of contracts without a line, each of bounded age.

Every contract in the rotation has a period, the time after which its quote should be replaced: see
`quote_shares.py`. The next contract is the watched one that is due, else the other one that is due,
else the one whose uncertainty costs most (`dearest.py`), else the first that falls due: no rate is
left idle. While costs are known, periods are caps: half of what others have keeps them.
No contract is asked for more often than the floor allows (`quote_floor.py`).
The periods promise a little less than the rate allows, so whatever came late catches up, and each
contract's turn comes within its period, a fifth of it, one quote of each watched one and a few of
others.

What does not trade, or gave no quote, rests and takes no part in the shares.

A contract that gave no quote `SILENT_AFTER` times in a row is *silent* until a quote of it comes;
one that never gave any is so after its first try.
Silent contracts have no period. They are tried in the order in which their rests end, watched ones
first: whenever no other is due or has a cost, and at least for `SILENT_SHARE` of what watched
contracts leave. So however many they are, they keep no other from its quotes, and are not forgotten
either.

All times are seconds of any steady clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from math import inf
from typing import TypeAlias

from slotwise.rules.dearest import Dearest
from slotwise.rules.quote_floor import QuoteFloor
from slotwise.rules.quote_shares import CAP_SHARE, SILENT_SHARE, QuoteTarget, Shares, shares

#: Tries without a quote after which a contract that had one before is silent: one may be chance.
SILENT_AFTER = 2
#: Periods are worked out again when the rate has changed by more than this, as a share.
RATE_TOLERANCE = 0.05


#: Entries of a heap: due, period, contract id.
_Heap: TypeAlias = list[tuple[float, float, int]]
#: The heap a contract is in, or a mark that it was taken because of its cost.
_WATCHED, _OTHERS, _SILENT, _DEAREST = range(4)


class Rotation:
    """The times at which contracts fall due for a quote."""

    def __init__(self, floor_s: float = 0.0) -> None:
        self._floor = QuoteFloor(floor_s)
        self._dearest = Dearest()
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
        #: Number of quotes that silent contracts are still owed by their share of the rate.
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
        self._floor.keep(targets)
        self._stale = True

    def weigh(self, costs: Mapping[int, float]) -> None:
        """Take the cost of each contract's uncertain price, in one currency."""
        before = self._dearest.weighs
        self._dearest.weigh(costs)
        self._stale = self._stale or self._dearest.weighs != before

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
        """Take the next contract out of the rotation, until its quote is reported."""
        self._now = max(self._now, now)
        if self._stale:
            self._plan()
        for con_id in self._floor.let_go(now):
            if con_id not in self._due:
                self._place(con_id)
        which = self._next(now)
        if which is None:
            return None
        if which == _DEAREST and (dearest := self._dearest.first(self._has_turn)) is not None:
            con_id = dearest
        else:
            *_, con_id = heapq.heappop(self._heaps[which])
        del self._due[con_id]
        self._taken.add(con_id)
        self._dearest.took(con_id)
        if which == _SILENT:
            self._silent_credit = max(self._silent_credit - self._silent_cost, 0.0)
        elif which in (_OTHERS, _DEAREST) and self._heaps[_SILENT]:
            earned = self._silent_credit + SILENT_SHARE / (1 - SILENT_SHARE)
            self._silent_credit = min(earned, self._silent_cost)
        return con_id

    def _next(self, now: float) -> int | None:
        """Choose the heap to take from, or the dearest; None when no contract may be asked for."""
        watched, others, silent = (self._first(heap) for heap in self._heaps)
        if watched is not None and watched <= now:
            return _WATCHED
        others_due = others is not None and others <= now
        costs = not others_due and self._dearest.first(self._has_turn) is not None
        others_want = others_due or costs
        if silent is not None and (not others_want or self._silent_credit >= self._silent_cost):
            return _SILENT
        if costs:
            return _DEAREST
        if others is not None and (watched is None or others < watched):
            return _OTHERS
        return _WATCHED if watched is not None else None

    def asked(self, con_id: int, now: float) -> None:
        """Note that TWS is asked for a quote: not again before the floor has passed."""
        self._floor.asked(con_id, now)

    def wait_s(self, now: float) -> float | None:
        """Return how long the floor keeps the next contract back; None where it keeps none."""
        at = self._floor.next_at()
        return None if at is None else max(at - now, 0.0)

    def quoted(self, con_id: int, at: float) -> None:
        """Note a quote; one that came over a line, or by the way, counts as well."""
        self._taken.discard(con_id)
        if con_id in self._targets:
            was_silent = self.is_silent(con_id)
            self._quoted_at[con_id] = at
            self._misses.pop(con_id, None)
            if was_silent and not self._stale:
                # As good as planned, until the next `pace` works out the shares.
                self._periods[con_id] = self._period(self._targets[con_id])
                self._shares_changed = True
            self._place(con_id)

    def rest(self, con_id: int, until: float, *, asked: bool = True) -> None:
        """Skip a contract until then: it was `asked` and gave no quote, or does not trade."""
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
        """Return a resting contract to the rotation; nothing else is concluded from it."""
        if con_id in self._resting:
            self._resting[con_id] = min(self._resting[con_id], now)

    def put_back(self, con_id: int) -> None:
        """Undo a `take`: no request was made, so the contract may be tried again."""
        self._taken.discard(con_id)
        self._place(con_id)

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
        """Return the age of each quote; infinite where there is none. Resting ones are left out."""
        return {
            con_id: now - self._quoted_at.get(con_id, -inf)
            for con_id in self._targets
            if con_id not in self._resting
        }

    def unquoted(self) -> list[int]:
        """Return the contracts, resting or not, that have never had a quote."""
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
        self._periods = {c: self._period(target) for c, target in planned.items()}
        self._due, self._heaps = {}, ([], [], [])
        self._floor.clear()
        for con_id in taking_part:
            if con_id in self._taken:
                continue
            if self._floor.until(con_id) > self._now:
                self._floor.keep_back(con_id)
            else:
                self._due[con_id] = self._due_at(con_id)
        for con_id, due in self._due.items():
            self._heap_of(con_id).append((*due, con_id))
        for heap in self._heaps:
            heapq.heapify(heap)

    def _place(self, con_id: int) -> None:
        takes_part = con_id in self._targets and con_id not in self._resting
        if not takes_part or self._stale or con_id in self._taken:
            return
        if self._floor.until(con_id) > self._now:
            self._due.pop(con_id, None)
            self._floor.keep_back(con_id)
        else:
            due = self._due[con_id] = self._due_at(con_id)
            heapq.heappush(self._heap_of(con_id), (*due, con_id))

    def _period(self, target: QuoteTarget) -> float:
        """Return how old a contract's quote may become."""
        period_s = self._shares.period_s(target)
        if target.bound_s is None and self._dearest.weighs:
            period_s /= CAP_SHARE
        return max(period_s, self._floor.floor_s)

    def _has_turn(self, con_id: int) -> bool:
        """Return True where a contract may be taken because of its cost."""
        return con_id in self._due and self._heap_of(con_id) is self._heaps[_OTHERS]

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
