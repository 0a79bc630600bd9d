"""Which lines are asked for again because they are silent, and what becomes of them.

Rules:
* A line that is too quiet by its own habit (`staleness`) was missed since its last tick: that is
  noted at once, and it is asked for again.
* Lines whose habit is not known yet are looked at by kind (security type and currency), as one farm
  may feed them all. While any line of the kind ticks, nothing is done. Where all have been silent
  for `LEAST_S`, one of them is asked for again to see: a probe. Each probe doubles the time to the
  next, until a stream of the kind ticks.
* A line that was asked for again and ticked in its opening alone is missed once more, when its
  silence exceeds its habit; that is noted, whether or not it is asked for again.
* What a probe brings decides. A price that differs from the last one known, or no tick for
  `PROBE_S`, shows that the line was dead: it was missed since its last tick, and the others of its
  kind are asked for again too. The same prices show a line that had nothing to say: nothing was
  missed.
* A market that is closed is silent by right.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from slotwise.contract import Contract
from slotwise.quote import Quote
from workers.gateway.lines.staleness import LEAST_S, MOST_DOUBLINGS, is_fresh
from workers.gateway.lines.table import HeldLine, Probe

#: A line that was asked for again has ticked by then, where it is alive, seconds.
PROBE_S = 5.0

#: Contracts that one farm may feed: security type and currency.
Kind: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class _KindState:
    """What is known of the lines of one kind together."""

    #: When a stream of the kind ticked last.
    ticked_at: float = -inf
    #: Probes since then, and when the last one was made.
    probes: int = 0
    probed_at: float = -inf
    #: When a probe found a dead line last.
    dead_at: float = -inf


class Silence:
    """Watch the lines that are held, and choose those to ask for again."""

    def __init__(self, trades: Callable[[Contract], bool]) -> None:
        self._trades = trades
        self._kinds: dict[Kind, _KindState] = {}

    def ticked(self, line: HeldLine, now: float) -> None:
        """Note a tick of a line's stream."""
        state = self._state(line)
        state.ticked_at = now
        state.probes = 0

    def due(self, lines: Collection[HeldLine], now: float) -> list[HeldLine]:
        """Return the lines that are to be asked for again; those that are probes have one."""
        due = [
            line
            for line in lines
            if not is_fresh(line.staleness, now)
            and self._is_due(line, now)
            and self._may_be_due(line, now)
        ]
        for line in self._to_probe(lines, now):
            if self._may_be_due(line, now):
                state = self._state(line)
                state.probed_at = now
                state.probes = min(state.probes + 1, MOST_DOUBLINGS)
                line.probe = Probe(None, line.quote)
                due.append(line)
        return due

    def missed(self, lines: Collection[HeldLine], now: float) -> list[HeldLine]:
        """Return lines that count as seen, and tick no more after they were asked for again."""
        return [
            line
            for line in lines
            if not line.stale
            and line.probe is None
            and not is_fresh(line.staleness, now)
            and line.staleness.is_missed(now)
            and self._may_be_due(line, now)
        ]

    def found_dead(self, lines: Collection[HeldLine], dead: HeldLine, now: float) -> None:
        """Note that a probe found a dead line; others of its kind are in doubt."""
        state = self._state(dead)
        state.dead_at, state.probes = now, 0
        for line in lines:
            if self._state(line) is state and line is not dead:
                line.staleness.check_from(now)

    def is_due(self, line: HeldLine, now: float) -> bool:
        """Return True where a line is still to be asked for again."""
        return line.probe is not None or self._is_due(line, now)

    def _is_due(self, line: HeldLine, now: float) -> bool:
        return line.staleness.is_too_quiet(now, self._state(line).ticked_at)

    def _may_be_due(self, line: HeldLine, now: float) -> bool:
        if self._trades(line.contract):
            return True
        line.staleness.rested(now)
        return False

    def _to_probe(self, lines: Collection[HeldLine], now: float) -> list[HeldLine]:
        """Return those of unknown habit of which nothing else shows whether they live."""
        # What ticked after both is neither in doubt nor silent; its habit is not looked at.
        heard_by = max(now - LEAST_S, *(state.dead_at for state in self._kinds.values()), -inf)
        doubtful = [
            line
            for line in lines
            if line.staleness.heard_at <= heard_by
            and line.staleness.is_unknown
            and line.probe is None
        ]
        in_doubt: list[HeldLine] = []
        chosen: dict[int, HeldLine] = {}
        for line in doubtful:
            state = self._state(line)
            if line.staleness.heard_at < state.dead_at:
                in_doubt.append(line)
                continue
            silent_since = max(line.staleness.silent_from, state.ticked_at, state.probed_at)
            if now - silent_since >= LEAST_S * 2**state.probes:
                other = chosen.setdefault(id(state), line)
                if line.staleness.asks < other.staleness.asks:
                    chosen[id(state)] = line
        return [*in_doubt, *chosen.values()]

    def _state(self, line: HeldLine) -> _KindState:
        contract = line.contract
        kind = (contract.sec_type, contract.currency)
        state = self._kinds.get(kind)
        if state is None:
            state = self._kinds[kind] = _KindState()
        return state


def is_over(probe: Probe, now: float) -> bool:
    """Return True where nothing more is to be learnt of a probe."""
    return probe.asked_at is not None and now - probe.asked_at >= PROBE_S


def differs(before: Quote | None, after: Quote) -> bool:
    """Return True where a price is another than the one that was known."""
    if before is None:
        return True
    prices = (
        (before.bid, after.bid),
        (before.ask, after.ask),
        (before.last, after.last),
        (before.close, after.close),
    )
    return any(old != new for old, new in prices if old is not None and new is not None)
