"""A gateway that rotates quotes on a simulator of a setting, and what its windows come to."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.gateway_harness import GatewayStand
from benchmarks.rotation_account import Way, account, other_messages
from benchmarks.rotation_bound import Times, bound, shares_of, times_of
from benchmarks.rotation_figures import Setting, Span, Window
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import SlotwiseError
from tws_simulator.control.dispatch import dispatch
from tws_simulator.instruments.contract import Contract
from tws_simulator.server import SimulatorServer
from tws_simulator.services.market_data.settle import Settle
from workers.gateway.lines.quote_pace import QUOTE_TIMEOUT_S
from workers.gateway.message_budget import KEPT_FREE, MOST

#: Draws of a time, for its mean.
DRAWS = 2_000
#: Seconds before the end of a window of which promises count: they differ as quotes do.
PROMISES = 20


class Side:
    """Measures one gateway."""

    def __init__(self, setting: Setting, stand: GatewayStand, wire_log: Path, active: int) -> None:
        self.setting = setting
        self.server = stand.server
        self._bus = stand.bus
        self._wire_log = wire_log
        #: What was promised when quotes were taken that are replaced now, one a second.
        self._promises: deque[float] = deque(maxlen=PROMISES)
        held = stand.contracts()
        self.active, self.others = held[:active], held[active:]

    async def look(self) -> None:
        """Note the age that the gateway promises now."""
        status = await asyncio.to_thread(StatusBoard(self._bus).get, GatewayStatus)
        promised_s = status.rotation.others.planned_s if status and status.rotation else None
        if promised_s is not None:
            self._promises.append(promised_s)

    def promised_s(self) -> float:
        """Return the age that was promised lately; raises SlotwiseError where none was."""
        if not self._promises:
            raise SlotwiseError(f"the gateway promises no age of quotes: {self.setting.name}")
        return max(self._promises)

    def window(self, span: Span, silent: Sequence[int] = ()) -> Window:
        """Account for a window; contracts that were made silent are not counted."""
        ledger = list(self.server.ledger_events)
        kept = [con_id for con_id in self.others if con_id not in silent]
        but = {*self.active, *silent}
        ours = account(ledger, kept, span.since, span.until, but=but)
        with self._wire_log.open() as lines:
            spent = other_messages(lines, ours.messages, span.since, span.until)
        contracts = {one.con_id: one for one in self.server.world.universe.contracts()}
        kinds = {con_id: one.sec_type for con_id, one in contracts.items()}
        known = self._known({one.sec_type: one for one in contracts.values()})
        shares, times = shares_of(ours.took, kinds), times_of(ours.took, kinds, known)
        idle, messages = self.setting.lines - len(self.active), MOST - KEPT_FREE - spent
        return Window(
            ours=ours,
            bound=bound(shares, times, idle, messages),
            promised_s=span.promised_s,
        )

    def _known(self, samples: dict[str, Contract]) -> Times:
        """Return how long this simulator's quotes take, by kind and way.

        A quote that TWS does not end for longer than the gateway waits is cut short, which is a
        second message: no way for it.
        """
        settle = Settle(Random(1), self.setting.market)
        found: dict[tuple[str, Way], float] = {}
        for kind, one in samples.items():
            streams = [settle.first_ticks_s(one) + settle.model_s(one) for _ in range(DRAWS)]
            found[kind, "stream"] = fmean(streams)
            found[kind, "snapshot"] = fmean(settle.snapshot(one).ends_s for _ in range(DRAWS))
        return {key: seconds for key, seconds in found.items() if seconds < QUOTE_TIMEOUT_S}


def silence(server: SimulatorServer, con_ids: Sequence[int]) -> None:
    """Silence contracts from now on; raises SlotwiseError where the simulator refuses."""
    for con_id in con_ids:
        line = json.dumps({"do": "dead", "con_id": con_id}).encode()
        answer = json.loads(dispatch(line, server.world, server, server.now()))
        if not answer["ok"]:
            raise SlotwiseError(f"the simulator does not silence {con_id}: {answer}")
