"""The state of each active contract, for the status: seen, or why it is not, and since when.

Rules:
* A line with ticks is `seen`. One without, also for `QUIET_S` alone, is `closed` while its market
  is, else `starting` for `STARTS_S` after it was asked for, else `unseen`.
* After another session has given the data back each contract has `STARTS_S` again.
* A contract whose request was refused is `expired` or `unknown` where TWS does not know it, else
  `refused`, with TWS's words.
* A contract that waits in the queue is `waiting` while no line is left to it, `unseen` while
  there is no connection, and `starting` for as long otherwise.
* `since` is when the contract was last seen, or first wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from slotwise.bus.status import LegState, LegStatus
from slotwise.contract import Contract
from slotwise.rules.expiry import expired_words
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.lines.table import HeldLine, LineTable
from workers.gateway.tws_codes import NO_SECURITY

#: A request has this long until its first tick, seconds: recorded streams took 0.14 s for bid
#: and ask and a second for a model's computation; a farm that connects on demand takes a few.
STARTS_S = 5.0
#: After a close ticks may still come, seconds: a line that is quiet for longer is not seen.
QUIET_S = 30.0


class LegStates:
    """States of the active contracts, with the time since which each is not seen."""

    def __init__(
        self,
        table: LineTable,
        named: Callable[[int], Contract],
        is_closed: Callable[[Contract], bool],
    ) -> None:
        self._table = table
        self._named = named
        self._is_closed = is_closed
        self._unseen_since: dict[int, datetime] = {}
        #: Contracts that no line was left to, until they are seen: their turn begins later.
        self._waited: set[int] = set()
        #: The statuses of the last reading, with the contracts that they name.
        self._last: dict[int, tuple[Contract, LegStatus]] = {}
        self._active: ActiveContracts | None = None

    def read(
        self, active: ActiveContracts, *, connected: bool, now: float, at: datetime
    ) -> tuple[LegStatus, ...]:
        """Return one status for each active contract; `now` is seconds of the table's clock."""
        self._unseen_since = {
            con_id: since for con_id, since in self._unseen_since.items() if con_id in active.wanted
        }
        self._waited.intersection_update(active.wanted)
        if active is not self._active:
            self._active, self._last = active, {}
        waiting = frozenset(self._table.queue)
        return tuple(
            self._status(con_id, active, con_id in waiting, connected, now, at)
            for con_id in active.wanted
        )

    def _status(
        self,
        con_id: int,
        active: ActiveContracts,
        waits: bool,
        connected: bool,
        now: float,
        at: datetime,
    ) -> LegStatus:
        line = self._table.held.get(con_id)
        contract = line.contract if line is not None else self._named(con_id)
        state, reason = self._state(con_id, contract, line, waits, connected, now, at)
        since = None
        if state == "seen":
            self._unseen_since.pop(con_id, None)
            self._waited.discard(con_id)
        else:
            silent_s = line.staleness.silent_s(now) if line is not None else 0.0
            since = self._unseen_since.setdefault(con_id, at - timedelta(seconds=silent_s))
            back_at = self._table.access.back_at
            is_back = back_at is not None and now - back_at < STARTS_S
            begins = line is not None and con_id in self._waited
            is_turn = begins and now - self._table.held[con_id].opened_at < STARTS_S
            young = is_back or is_turn or (at - since).total_seconds() < STARTS_S
            if state == "waiting":
                self._waited.add(con_id)
            if young and state == "unseen" and connected:
                state = "starting"
        last = self._last.get(con_id)
        if last is not None and last[0] is contract:
            before = last[1]
            if (before.state, before.since, before.reason) == (state, since, reason):
                return before
        status = LegStatus(
            con_id=con_id,
            label=contract.label if contract.symbol else "",
            strategies=active.owns(con_id),
            quantities=dict(active.quantities.get(con_id, {})),
            state=state,
            since=since,
            reason=reason,
        )
        self._last[con_id] = (contract, status)
        return status

    def _state(
        self,
        con_id: int,
        contract: Contract,
        line: HeldLine | None,
        waits: bool,
        connected: bool,
        now: float,
        at: datetime,
    ) -> tuple[LegState, str]:
        if line is not None:
            is_quiet = line.stale or line.staleness.silent_s(now) >= QUIET_S
            if is_quiet and self._is_closed(contract):
                return "closed", "its market is closed"
            return ("unseen", "") if line.stale else ("seen", "")
        refused = self._table.refused.get(con_id)
        if refused is not None:
            if refused.refusal.code != NO_SECURITY:
                return "refused", refused.refusal.reason
            expired = expired_words(contract, at)
            return ("expired", expired) if expired else ("unknown", refused.refusal.reason)
        if waits and connected and self._table.is_full():
            return "waiting", "no line is free"
        return "unseen", "" if connected else "there is no connection to TWS"
