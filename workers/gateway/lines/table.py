"""Who holds a line: the gateway's own count, and the rules of what it may do next.

Rules:
* Lines held and quotes under way never exceed the known limit together (`limit`). The plan
  may use every line; a quote that is in the way is taken back first.
* Strategies leave a few lines to quotes in turn (`kept_for_quotes`).
* Lines and quotes are asked for one after another (`in_flight`), so a limit that has fallen costs
  one refusal, not one for each of them.
* A refused contract is out of the plan until its retry is due, so it keeps no other from a line.
  One that error 101 refused is first in the queue again.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slotwise.contract import Contract
from slotwise.quote import Quote
from slotwise.rules.lines import (
    Claim,
    LinePlan,
    Pace,
    idle_lines,
    left_for_quotes,
    plan_lines,
)
from workers.gateway.broker import Cause, Refusal
from workers.gateway.lines.data_access import DataAccess
from workers.gateway.lines.habit import Habit
from workers.gateway.lines.in_flight import LineGate
from workers.gateway.lines.limit import LineLimit
from workers.gateway.lines.staleness import Staleness
from workers.gateway.tws_codes import COMPETING_SESSION, TOO_MANY_MESSAGES

#: Ask for a refused line again after this, seconds; what it lacks is rarely granted sooner.
RETRY_REFUSED_S = 300.0
#: But these pass sooner, seconds by code: too many messages at once; another session of the user
#: (`data_access` decides when one of those is tried).
RETRY_SOON_S = {TOO_MANY_MESSAGES: 5.0, COMPETING_SESSION: 0.0}
#: Look a contract up again after this when there was no answer, seconds.
RETRY_UNANSWERED_S = 10.0


@dataclass(slots=True)
class Probe:
    """Keep what was known of a line that is asked for again to see whether it lives."""

    #: When it was asked for again, seconds of the table's clock; None while it waits for its turn.
    asked_at: float | None
    quote: Quote | None
    is_answered: bool = False


@dataclass(slots=True)
class HeldLine:
    """Keep what came of a held line; `opened_at` is seconds of the table's clock."""

    contract: Contract
    opened_at: float
    staleness: Staleness
    quote: Quote | None = None
    #: Whether ticks are missing: none has come since the line was opened, lost or fell silent.
    stale: bool = True
    probe: Probe | None = None
    #: The contract in words, for the status of each second.
    label: str = field(init=False)

    def __post_init__(self) -> None:
        self.label = self.contract.label


@dataclass(slots=True)
class RefusedLine:
    """Keep why a contract has no line, and when to ask again."""

    refusal: Refusal
    retry_at: float


def retry_s(code: int) -> float:
    """Return after how long a line that was refused with a code is asked for again, seconds."""
    return RETRY_SOON_S.get(code, RETRY_REFUSED_S)


class LineTable:
    """Count lines and quotes, and plan the next change."""

    def __init__(
        self,
        configured: int,
        *,
        reserve: int = 0,
        rotation_reserve: int = 0,
        pace: Pace | None = None,
    ) -> None:
        self.allowance = LineLimit(configured - reserve)
        self.reserve = reserve
        self._rotation_reserve = rotation_reserve
        #: Whether there are contracts to be quoted in turn: assumed until it is known.
        self.quotes_in_turn = True
        self.gate = LineGate()
        self.access = DataAccess()
        self.held: dict[int, HeldLine] = {}
        #: Contracts with a snapshot quote under way, oldest first.
        self.quoting: dict[int, None] = {}
        self.refused: dict[int, RefusedLine] = {}
        #: Requests that TWS had no line for.
        self.full_refusals = 0
        #: How contracts tick that are wanted or hold a line; outlives line and connection.
        self._habits: dict[int, Habit] = {}
        self._pace = pace or Pace()
        self._queue: tuple[int, ...] = ()
        #: When contracts that hold no line any more last got one, within a dwell.
        self._opened_before: dict[int, float] = {}

    @property
    def limit(self) -> int:
        """Return how many lines there are, as far as is known."""
        return self.allowance.known

    @property
    def kept_for_quotes(self) -> int:
        """Return how many lines strategies leave to quotes in turn."""
        return left_for_quotes(self.limit, self._rotation_reserve, quotes=self.quotes_in_turn)

    @property
    def queue(self) -> tuple[int, ...]:
        """Return the contracts that wait for a line, the next one first."""
        return tuple(con_id for con_id in self._queue if con_id not in self.held)

    def ticking(self) -> list[int]:
        """Return the contracts whose line ticks."""
        return [con_id for con_id, line in self.held.items() if not line.stale]

    @property
    def used(self) -> int:
        """Count the lines held and the quotes under way."""
        return len(self.held) + len(self.quoting)

    def plan(self, wanted: Mapping[int, Claim], now: float) -> LinePlan:
        """Plan the next change; drop refusals that are due or no longer wanted."""
        self._forget_refusals(wanted, now)
        for con_id in [c for c in self._habits if c not in wanted and c not in self.held]:
            del self._habits[con_id]
        for con_id, opened_at in list(self._opened_before.items()):
            if now - opened_at > self._pace.dwell_s:
                del self._opened_before[con_id]
        able = {con_id: claim for con_id, claim in wanted.items() if con_id not in self.refused}
        if len(able) > self.limit:
            self.allowance.try_more(self.used, now)
        plan = plan_lines(
            able,
            {con_id: line.opened_at for con_id, line in self.held.items()},
            self.limit - self.kept_for_quotes,
            now,
            opened_before=self._opened_before,
            queue=self._queue,
            pace=self._pace,
        )
        # Who may be opened now keeps its place until it is.
        self._queue = plan.open + plan.waiting
        return plan

    def _forget_refusals(self, wanted: Mapping[int, Claim], now: float) -> None:
        """Allow contracts again whose refusal is over, and remove unwanted ones."""
        for con_id in [con_id for con_id in self.refused if con_id not in wanted]:
            del self.refused[con_id]
        # Of those that another session keeps from us only one is tried, the most important.
        for con_id in sorted(self.refused, key=lambda con_id: (wanted[con_id].priority, con_id)):
            refused = self.refused[con_id]
            is_taken = refused.refusal.cause is Cause.COMPETING
            if refused.retry_at <= now and (not is_taken or self.access.may_ask(now)):
                del self.refused[con_id]

    @property
    def left_by_lines(self) -> int:
        """Count the lines that are there for quotes, under way or not."""
        return max(self.limit - len(self.held), 0)

    def free(self) -> int:
        """Count the lines that nothing occupies."""
        return idle_lines(self.limit, len(self.held), len(self.quoting))

    def is_full(self) -> bool:
        """Return True where no line is left to strategies: the others are used or kept for quotes.

        A line that is kept stands idle between two quotes, and is no strategy's all the same.
        """
        return not self.free() or len(self.held) >= self.limit - self.kept_for_quotes

    def is_free(self, now: float) -> bool:
        """Return True where a line is idle; try one over the known limit where none is."""
        if not self.free():
            self.allowance.try_more(self.used, now)
        return self.free() > 0

    def opened(self, contract: Contract, now: float) -> None:
        """Note a line that was asked for."""
        con_id = contract.con_id
        self.gate.line_asked(con_id, self.used, now)
        staleness = Staleness(now, self._habits.setdefault(con_id, Habit()))
        self.held[con_id] = HeldLine(contract, now, staleness)
        self._opened_before.pop(con_id, None)

    def asked_again(self, con_id: int, now: float) -> None:
        """Note that a held line was closed and asked for again."""
        self.gate.line_asked(con_id, self.used - 1, now)

    def answered(self, con_id: int) -> None:
        """Note that TWS took a line or a quote."""
        beside = self.gate.beside(con_id)
        if self.gate.ended(con_id) or con_id in self.quoting:
            # The answer to a request made before the try proves nothing about the try.
            self.allowance.accepted(0 if beside is None else min(self.used, beside + 1))
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
            self.access.refused(con_id, refusal.cause, now)
            self.refused[con_id] = RefusedLine(refusal, now + retry_s(refusal.code))
            return
        self._was_full(con_id, now)
        if line is not None:
            self._queue = (con_id, *(other for other in self._queue if other != con_id))

    def ask_soon(self, con_id: int) -> None:
        """Drop a refusal: the contract is asked for elsewhere from now on."""
        self.refused.pop(con_id, None)

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
        """Drop every line, quote and refusal: the connection is new. The learnt limit stays."""
        lines = list(self.held.values())
        self.held.clear()
        self.quoting.clear()
        self.refused.clear()
        self._opened_before.clear()
        self.gate.forget()
        self.access.forget()
        return lines
