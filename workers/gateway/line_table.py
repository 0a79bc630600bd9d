"""Who holds a line: the gateway's own count, and the rules of what it may do next.

Rules:
* Lines held and quotes under way never exceed the limit together. The plan may use every line;
  a quote that is in the way is taken back first.
* A refused contract is out of the plan until its retry is due, so it keeps no other from a line.
* Error 101 lowers the known limit to what is then held. Refusals of requests sent together
  come together, so nothing is opened for a moment after one. Later the limit is raised by
  careful steps while somebody waits: one line, then twice as many, back to one after a refusal.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slotwise.contract import Contract
from slotwise.lines import LinePlan, idle_lines, plan_lines
from slotwise.quote import Quote
from workers.gateway.broker import Refusal

#: Open nothing for this long after error 101, seconds: its siblings are on their way.
SETTLE_S = 0.5
#: Look for a higher limit this often while somebody waits, seconds.
PROBE_S = 30.0
#: Ask for a refused line again after this, seconds; what it lacks is rarely granted sooner.
RETRY_REFUSED_S = 300.0
#: But these pass sooner, seconds by code: too many messages at once, another session of the user.
RETRY_SOON_S = {100: 5.0, 10197: 30.0}
#: Look a contract up again after this when there was no answer, seconds.
RETRY_UNANSWERED_S = 10.0


@dataclass(slots=True)
class HeldLine:
    """Keep what a held line has told."""

    contract: Contract
    quote: Quote | None = None


@dataclass(slots=True)
class RefusedLine:
    """Keep why a contract has no line, and when to ask again."""

    refusal: Refusal
    retry_at: float


class LineTable:
    """Count lines and quotes, and plan the next change."""

    def __init__(self, configured: int) -> None:
        self.configured = configured
        self.limit = configured
        self.held: dict[int, HeldLine] = {}
        #: Contracts with a snapshot quote under way, oldest first.
        self.quoting: dict[int, None] = {}
        self.refused: dict[int, RefusedLine] = {}
        self._settled_at = 0.0
        self._probe_at = 0.0
        self._probe_step = 1

    def plan(self, wanted: Mapping[int, int], now: float) -> LinePlan:
        """Plan the next change; forgets refusals that are due or no longer wanted."""
        for con_id, refused in list(self.refused.items()):
            if refused.retry_at <= now or con_id not in wanted:
                del self.refused[con_id]
        able = {con_id: rank for con_id, rank in wanted.items() if con_id not in self.refused}
        if len(able) > self.limit < self.configured and self._probe_at <= now:
            self.limit = min(self.limit + self._probe_step, self.configured)
            self._probe_step *= 2
            self._probe_at = now + PROBE_S
        plan = plan_lines(able, self.held, self.limit)
        if now < self._settled_at:
            return LinePlan(close=plan.close, open=(), waiting=plan.open + plan.waiting)
        return plan

    def free(self) -> int:
        """Count the lines that nothing occupies."""
        return idle_lines(self.limit, len(self.held), len(self.quoting))

    def opened(self, contract: Contract) -> None:
        """Note a line that was asked for."""
        self.held[contract.con_id] = HeldLine(contract)

    def closed(self, con_id: int) -> None:
        """Note a line that was cancelled."""
        self.held.pop(con_id, None)

    def was_refused(self, con_id: int, refusal: Refusal, now: float) -> None:
        """Note a line that TWS refused or took away."""
        self.held.pop(con_id, None)
        if refusal.full:
            self.was_full(now)
        else:
            self.refused[con_id] = RefusedLine(
                refusal, now + RETRY_SOON_S.get(refusal.code, RETRY_REFUSED_S)
            )

    def went_unanswered(self, con_id: int, reason: str, now: float) -> None:
        """Note a contract that could not be looked up."""
        self.refused[con_id] = RefusedLine(Refusal(0, reason), now + RETRY_UNANSWERED_S)

    def was_full(self, now: float) -> None:
        """Note that TWS has no line left beyond those we hold."""
        self.limit = min(self.limit, len(self.held) + len(self.quoting))
        self._settled_at = now + SETTLE_S
        self._probe_at = now + PROBE_S
        self._probe_step = 1

    def dropped(self) -> list[HeldLine]:
        """Forget every line, quote, refusal and learnt limit: the connection is new."""
        lines = list(self.held.values())
        self.held.clear()
        self.quoting.clear()
        self.refused.clear()
        self.limit = self.configured
        self._settled_at = 0.0
        self._probe_step = 1
        return lines
