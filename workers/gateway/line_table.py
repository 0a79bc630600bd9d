"""Who holds a line: the gateway's own count, and the rules of what it may do next.

Rules:
* Lines held and quotes under way never exceed the known limit together (`line_limit`). The plan
  may use every line; a quote that is in the way is taken back first.
* Lines and quotes are asked for one after another (`line_gate`), so a limit that has fallen costs
  one refusal, not one for each of them.
* A refused contract is out of the plan until its retry is due, so it keeps no other from a line.
  One that error 101 refused is first in the queue again.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slotwise.contract import Contract
from slotwise.lines import Claim, LinePlan, Pace, idle_lines, plan_lines
from slotwise.quote import Quote
from workers.gateway.broker import Refusal
from workers.gateway.line_gate import LineGate
from workers.gateway.line_limit import LineLimit
from workers.gateway.pulse import Pulse

#: Ask for a refused line again after this, seconds; what it lacks is rarely granted sooner.
RETRY_REFUSED_S = 300.0
#: But these pass sooner, seconds by code: too many messages at once, another session of the user.
RETRY_SOON_S = {100: 5.0, 10197: 30.0}
#: Look a contract up again after this when there was no answer, seconds.
RETRY_UNANSWERED_S = 10.0


@dataclass(slots=True)
class HeldLine:
    """Keep what a held line has told; `opened_at` is seconds of the table's clock."""

    contract: Contract
    opened_at: float
    pulse: Pulse
    quote: Quote | None = None
    #: Whether ticks are missing: none has come since the line was opened, lost or fell silent.
    blind: bool = True


@dataclass(slots=True)
class RefusedLine:
    """Keep why a contract has no line, and when to ask again."""

    refusal: Refusal
    retry_at: float


class LineTable:
    """Count lines and quotes, and plan the next change."""

    def __init__(self, configured: int, *, reserve: int = 0, pace: Pace | None = None) -> None:
        self.allowance = LineLimit(configured - reserve)
        self.reserve = reserve
        self.gate = LineGate()
        self.held: dict[int, HeldLine] = {}
        #: Contracts with a snapshot quote under way, oldest first.
        self.quoting: dict[int, None] = {}
        self.refused: dict[int, RefusedLine] = {}
        #: Requests that TWS had no line for.
        self.full_refusals = 0
        self._pace = pace or Pace()
        self._queue: tuple[int, ...] = ()
        #: When contracts that hold no line any more last got one, within a dwell.
        self._opened_before: dict[int, float] = {}

    @property
    def limit(self) -> int:
        """Tell how many lines there are, as far as is known."""
        return self.allowance.known

    @property
    def queue(self) -> tuple[int, ...]:
        """Name who waits for a line, the first the next."""
        return tuple(con_id for con_id in self._queue if con_id not in self.held)

    @property
    def used(self) -> int:
        """Count the lines held and the quotes under way."""
        return len(self.held) + len(self.quoting)

    def plan(self, wanted: Mapping[int, Claim], now: float) -> LinePlan:
        """Plan the next change; forgets refusals that are due or no longer wanted."""
        for con_id, refused in list(self.refused.items()):
            if refused.retry_at <= now or con_id not in wanted:
                del self.refused[con_id]
        for con_id, opened_at in list(self._opened_before.items()):
            if now - opened_at > self._pace.dwell_s:
                del self._opened_before[con_id]
        able = {con_id: claim for con_id, claim in wanted.items() if con_id not in self.refused}
        if len(able) > self.limit:
            self.allowance.try_more(self.used, now)
        plan = plan_lines(
            able,
            {con_id: line.opened_at for con_id, line in self.held.items()},
            self.limit,
            now,
            opened_before=self._opened_before,
            queue=self._queue,
            pace=self._pace,
        )
        # Who may be opened now keeps its place until it is.
        self._queue = plan.open + plan.waiting
        return plan

    def free(self) -> int:
        """Count the lines that nothing occupies."""
        return idle_lines(self.limit, len(self.held), len(self.quoting))

    def opened(self, contract: Contract, now: float) -> None:
        """Note a line that was asked for."""
        con_id = contract.con_id
        self.gate.line_asked(con_id, self.used, now)
        self.held[con_id] = HeldLine(contract, now, Pulse(now))
        self._opened_before.pop(con_id, None)

    def answered(self, con_id: int) -> None:
        """Note that TWS took a line or a quote."""
        if self.gate.ended(con_id) or con_id in self.quoting:
            self.allowance.accepted(self.used)
            self.gate.granted(self.used)

    def closed(self, con_id: int) -> None:
        """Note a line that was cancelled."""
        line = self.held.pop(con_id, None)
        self.gate.ended(con_id)
        if line is not None:
            self._opened_before[con_id] = line.opened_at

    def was_refused(self, con_id: int, refusal: Refusal, now: float) -> None:
        """Note a line that TWS refused or took away."""
        line = self.held.pop(con_id, None)
        if not refusal.full:
            self.gate.ended(con_id)
            self.refused[con_id] = RefusedLine(
                refusal, now + RETRY_SOON_S.get(refusal.code, RETRY_REFUSED_S)
            )
            return
        self._was_full(con_id, now)
        if line is not None:
            self._queue = (con_id, *(other for other in self._queue if other != con_id))

    def went_unanswered(self, con_id: int, reason: str, now: float) -> None:
        """Note a contract that could not be looked up."""
        self.refused[con_id] = RefusedLine(Refusal(0, reason), now + RETRY_UNANSWERED_S)

    def quote_was_full(self, con_id: int, now: float) -> None:
        """Note that TWS had no line left for a quote."""
        if con_id in self.quoting:
            del self.quoting[con_id]
            self._was_full(con_id, now)

    def _was_full(self, con_id: int, now: float) -> None:
        # A line given back since then was counted when TWS refused.
        self.full_refusals += 1
        beside = self.gate.refused(con_id)
        self.allowance.refused(max(self.used, beside), len(self.quoting), now)
        self.gate.fell(self.limit)

    def quote_began(self, con_id: int, now: float) -> None:
        """Note a snapshot quote that was asked for."""
        self.gate.quote_asked(con_id, self.used, now)
        self.quoting[con_id] = None

    def quote_ended(self, con_id: int) -> None:
        """Note that a snapshot quote occupies nothing any more."""
        if con_id in self.quoting:
            del self.quoting[con_id]
            self.gate.ended(con_id)
            self.allowance.quote_ended(self.used, len(self.quoting))

    def take_back(self, con_id: int) -> None:
        """Note that a line is about to be taken from a quote; whether it is there will show."""
        if con_id in self.quoting:
            del self.quoting[con_id]
            self.gate.ended(con_id)

    def dropped(self) -> list[HeldLine]:
        """Forget every line, quote and refusal: the connection is new. The limit stays learnt."""
        lines = list(self.held.values())
        self.held.clear()
        self.quoting.clear()
        self.refused.clear()
        self._opened_before.clear()
        self.gate.forget()
        return lines
