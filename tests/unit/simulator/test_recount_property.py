"""The ledger and a recount of the wire log agree, whatever several clients and faults do."""

from __future__ import annotations

from dataclasses import asdict
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.effort import examples
from tests.support.wire_recount import Line, Recount, reported_by_ledger, reported_by_wire
from tests.unit.simulator.in_memory import by_id, by_name, market_data_fields
from tests.unit.simulator.recorded import RecordedClient, RecordedTws
from tws_simulator.wire.frames import frame

CLIENT_IDS = (1, 2, 3)
VERSIONS = (157, 166, 178, 194, 200)
SPY, QQQ, VIX = 756733, 320227571, 13455763
#: A contract for difference that message 91 sends elsewhere.
CFD = 1010
ACCOUNT = "DU1234567"
LINES = 3

CONTRACTS = (
    by_id(SPY, "SMART"),
    by_id(QQQ, "SMART"),
    by_id(VIX, "CBOE"),
    by_name("SPY", "STK", "SMART"),
    by_id(CFD, "SMART"),
    by_id(SPY),  # no exchange: 321
    by_id(42, "SMART"),  # unknown: 200
    by_name("SPX", "OPT", "SMART"),  # ambiguous: 200
    by_name("SPY", "PEN", "SMART"),  # no such type: 321
    (*by_name("SPY", "BAG", "SMART"), 2, 1, 1, "BUY", "SMART", 2, 1, "SELL", "SMART"),
)

which = st.integers(0, len(CLIENT_IDS) - 1)
req_ids = st.integers(1, 4)
contracts = st.sampled_from(CONTRACTS)
#: Requests that hold no line, under ids that market data requests use as well.
others = st.one_of(
    st.sampled_from(
        [(61, 1), (64, 1), (6, 2, 1, ACCOUNT), (6, 2, 0, ACCOUNT), (49, 1), (59, 1, 3), (59, 1, 2),
         (5, 1), (9999, 1)]
    ),
    st.tuples(
        st.sampled_from(
            [lambda n: (9, 8, n, *by_id(SPY), 0, "", "", ""),
             lambda n: (9, 8, n, *by_id(42), 0, "", "", ""),
             lambda n: (20, n, *by_id(SPY, "SMART"), 0, "", "1 hour", "1 D", 1, "TRADES", 1, 1, ""),
             lambda n: (20, n, *by_id(42, "SMART"), 0, "", "1 hour", "1 D", 1, "TRADES", 1, 0, ""),
             lambda n: (25, 1, n),
             lambda n: (92, n, ACCOUNT, ""), lambda n: (92, n, "NOBODY", ""),
             lambda n: (93, n), lambda n: (94, n, ACCOUNT, "", SPY), lambda n: (95, n),
             lambda n: (62, 1, n, "All", "NetLiquidation"), lambda n: (63, 1, n),
             lambda n: (74, 1, n, ACCOUNT, ""), lambda n: (81, n, "SP"),
             lambda n: (4, 1, n, "")]
        ),
        req_ids,
    ).map(lambda drawn: drawn[0](drawn[1])),
)  # fmt: skip
commands = st.one_of(
    st.integers(0, 5).map(lambda n: {"do": "limit", "lines": n}),
    st.sampled_from(
        [{"do": "notice", "code": code} for code in (1100, 1102, 2103)]
        + [{"do": "deny_data", "con_id": SPY, "code": code} for code in (354, 10089, 10168)]
        + [{"do": "grant_data", "con_id": SPY}]
        + [{"do": "deny_data", "con_id": SPY, "code": 354, "delay": 0.2}]
        + [{"do": "partial", "con_id": SPY, "code": code} for code in (10089, 10090, 10091)]
        + [{"do": "partial", "con_id": QQQ, "code": 10091, "first": 1, "ticks": 0}]
        + [{"do": "competing", "on": on} for on in (0, 1)]
        + [{"do": "competing", "on": 1, "new": "kept", "back": "asked", "seconds": 1}]
        + [{"do": "position", "con_id": QQQ, "quantity": n} for n in (0, 5)]
        + [{"do": "withhold_position_end"}, {"do": "silence", "on": 0}]
        + [
            {"do": "slow", "seconds": seconds, "streams": streams}
            for seconds in (0, 0.2)
            for streams in (0, 1)
        ]
    ),
)
#: What a field can be replaced with.
fillers = st.sampled_from(["", "0", "1", "-1", "x", "2147483648", "1e308", "nan", "ÿ", "STK"])


#: More effort takes more time, seconds.
pytestmark = pytest.mark.timeout(400 * examples(1))


class Conversations(RuleBasedStateMachine):
    """Let three clients and a control port do as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.tws = RecordedTws()
        self.clients: list[RecordedClient] = []
        self.counted = Recount()
        self.fresh = count(100)

    @initialize(pace=st.sampled_from([0, 6]), reject_fast=st.booleans(), free=st.booleans())
    def start(self, pace: int, reject_fast: bool, free: bool) -> None:
        """Start one of the configurations."""
        self.tws = RecordedTws(
            positions=4,
            lines=LINES,
            messages_per_s=pace,
            reject_fast=reject_fast,
            snapshots_count=not free,
        )
        share_cfd = {"symbol": "AAPL", "sec_type": "CFD", "con_id": CFD, "quantity": 1,
                     "reroute": {"con_id": 265598, "exchange": "SMART"}}  # fmt: skip
        assert self.tws.control(do="open", **share_cfd)["ok"]
        self.tws.record()
        self.counted = Recount(snapshots_free=free)
        self.clients = [self.tws.recorded(client_id) for client_id in CLIENT_IDS]

    @rule(n=which, req_id=req_ids, contract=contracts, snapshot=st.booleans())
    def ask(self, n: int, req_id: int, contract: tuple[object, ...], snapshot: bool) -> None:
        """Ask for market data, under an id that may be in use."""
        self.clients[n].send(*market_data_fields(req_id, contract, snapshot))

    @rule(n=which, con_id=st.sampled_from([SPY, QQQ]))
    def stream(self, n: int, con_id: int) -> None:
        """Ask for what is given while there are lines."""
        self.clients[n].send(*market_data_fields(next(self.fresh), by_id(con_id, "SMART")))

    @rule(n=which, req_id=req_ids, ticks=st.sampled_from(["233", "100,101", " "]))
    def ask_for_generic_ticks(self, n: int, req_id: int, ticks: str) -> None:
        """Ask for a snapshot with what a snapshot does not have."""
        self.clients[n].send(*market_data_fields(req_id, CONTRACTS[0], True, ticks))

    @rule(n=which, contract=contracts, size=st.integers(2, 12), snapshot=st.booleans())
    def burst(self, n: int, contract: tuple[object, ...], size: int, snapshot: bool) -> None:
        """Ask and cancel in one piece, faster than is allowed."""
        self.clients[n].raw(
            b"".join(
                frame(*market_data_fields(10 + i, contract, snapshot))
                + (frame(2, 2, 10 + i) if i % 2 else b"")
                for i in range(size)
            )
        )

    @rule(n=which, contract=contracts, at=st.integers(0, 18), filler=fillers, cut=st.booleans())
    def mangle(self, n: int, contract: tuple[object, ...], at: int, filler: str, cut: bool) -> None:
        """Ask for market data with a field replaced, or with nothing after it."""
        fields = list(market_data_fields(20, contract))
        fields[at] = filler
        self.clients[n].send(*(fields[: at + 1] if cut else fields))

    @rule(n=which, req_id=req_ids)
    def cancel(self, n: int, req_id: int) -> None:
        """Cancel a request that may not exist."""
        self.clients[n].send(2, 2, req_id)

    @rule(n=which, fields=others)
    def ask_for_something_else(self, n: int, fields: tuple[object, ...]) -> None:
        """Ask for what holds no line."""
        self.clients[n].send(*fields)

    @rule(command=commands)
    def control(self, command: dict[str, object]) -> None:
        """Command a fault."""
        assert self.tws.control(**command)["ok"], command

    @rule(command=st.sampled_from(["silence", "drop", "lose_data", "lose_data"]))
    def break_off(self, command: str) -> None:
        """Silence or cut all clients, or end their market data."""
        if command == "lose_data":
            self.tws.control(do="notice", code=1101)
        else:
            self.tws.control(do=command)

    @rule(n=which)
    def leave(self, n: int) -> None:
        """Hang up."""
        self.clients[n].leave()

    @precondition(lambda self: not all(client.here for client in self.clients))
    @rule(version=st.sampled_from(VERSIONS))
    def come_back(self, version: int) -> None:
        """Connect each client that is gone again."""
        for n, client in enumerate(self.clients):
            if not client.here:
                self.clients[n] = self.tws.recorded(CLIENT_IDS[n], version)

    @rule(n=which)
    def come_twice(self, n: int) -> None:
        """Ask to start with an id that is in use."""
        if self.clients[n].here:
            self.tws.recorded(CLIENT_IDS[n])

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 1.2, 12.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.tws.wait(seconds)

    @invariant()
    def the_wire_shows_what_the_ledger_holds(self) -> None:
        """At every instant."""
        for line in self.tws.record():
            self.counted.read(line)
        assert self.counted.held == self.tws.world.lines.held

    def teardown(self) -> None:
        """Compare all that happened, and see that nothing goes on once all have left."""
        for client in self.tws.clients:
            client.leave()
        self.the_wire_shows_what_the_ledger_holds()
        entries: list[Line] = [asdict(event) for event in self.tws.events]
        assert reported_by_wire(self.counted.events) == reported_by_ledger(entries)
        for entry in entries:
            if entry["event"] == "open":
                assert entry["held"] <= entry["limit"]
        assert self.tws.world.lines.held == 0
        assert self.tws.world.scheduler.next_due is None, "something goes on without a client"


Conversations.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40)
test_the_ledger_and_the_wire_never_disagree = Conversations.TestCase
