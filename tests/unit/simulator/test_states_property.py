"""Whatever state TWS is commanded into: it lives, answers the time, and says nothing untrue.

Positions may be missing from answers, and answers from the conversation; a row that comes is true
at its time, and once all is well again an answer is the whole truth, as the record says.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.effort import examples
from tests.support.holdings_recount import Holdings
from tests.support.wire_recount import Recount
from tests.unit.simulator.in_memory import by_id, market_data_fields
from tests.unit.simulator.recorded import RecordedClient, RecordedTws

CLIENT_IDS = (1, 2)
FIRST, SECOND = "DU1234567", "DUK7777"
SPY, QQQ = 756733, 320227571
which = st.integers(0, len(CLIENT_IDS) - 1)
seconds = st.sampled_from([0.5, 3, 15, 200])
modes = st.sampled_from(
    ["empty", "empty2151", "2151noend", "silent", "readonly", "err10275", "absent", "partial"]
)
farms = st.sampled_from(["usfarm", "usopt", "usfuture", "hfarm", "ushmds", "secdefil", "moon.nj"])
#: All but 1101: a recount of lines believes that it ends them, so it must be true.
codes = st.sampled_from([1100, 1102, 2103, 2104, 2105, 2106, 2107, 2108, 2110, 2119, 2157, 2158])
notice = st.one_of(codes, st.tuples(codes, farms).map(list))
bits = st.integers(0, 1)


def command(do: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Return commands of a name, each field there or not."""
    return st.fixed_dictionaries({"do": st.just(do)}, optional=fields)


states = st.one_of(
    st.fixed_dictionaries(
        {"do": st.just("position_answers"), "mode": modes},
        optional={"seconds": seconds, "count": st.integers(1, 4), "pushes": bits,
                  "account": st.sampled_from([FIRST, SECOND]),
                  "updates": st.sampled_from(["given", "not_ready", "silent"])},
    ),
    command("late_accounts", seconds=seconds, mode=modes, push=bits,
            managed=st.sampled_from(["given", "empty", "silent"])),
    st.fixed_dictionaries(
        {"do": st.just("competing"), "on": bits},
        optional={"seconds": seconds, "back": st.sampled_from(["alone", "asked"]),
                  "new": st.sampled_from(["refused", "kept"]),
                  "positions": st.sampled_from(["whole", "empty", "empty2151", "silent"])},
    ),
    st.fixed_dictionaries(
        {"do": st.just("outage"), "seconds": seconds},
        optional={"back": st.sampled_from(["1101", "1102", "farms", "ticks", "none"]),
                  "code": st.sampled_from([0, 1100, 2110]), "dead": bits},
    ),
    st.fixed_dictionaries({"do": st.just("notice"), "code": codes},
                          optional={"farm": farms, "effect": bits}),
    st.fixed_dictionaries({"do": st.just("notices"), "list": st.lists(notice, min_size=1,
                                                                     max_size=9)},
                          optional={"effect": bits}),
    st.fixed_dictionaries(
        {"do": st.just("greeting"), "list": st.lists(notice, max_size=5)},
        optional={"effect": bits, "first": bits, "count": st.integers(1, 2)},
    ),
    command("flap", seconds=seconds, period=st.sampled_from([1, 20]), real=bits,
            farms=st.sampled_from(["usfarm", "usopt,ushmds,secdefil"])),
    command("farms", farms=st.sampled_from(["usfarm", "usopt,hfarm"])),
    st.fixed_dictionaries(
        {"do": st.just("deny_data"), "code": st.sampled_from([200, 354, 10089, 10168])},
        optional={"delay": st.sampled_from([0, 0.64])},
    ).map(lambda drawn: {**drawn, "con_id": SPY}),
    st.fixed_dictionaries(
        {"do": st.just("partial"), "code": st.sampled_from([10090, 10091, 2188]),
         "con_id": st.sampled_from([SPY, QQQ])},
        optional={"ticks": bits, "first": bits},
    ),
    st.just({"do": "grant_data"}),
    st.just({"do": "notice", "code": 1101}),
    st.fixed_dictionaries(
        {"do": st.just("handshake"),
         "kind": st.sampled_from(["close", "below", "above", "start", "error"]),
         "count": st.integers(1, 2)},
    ),
    st.fixed_dictionaries(
        {"do": st.just("hang"), "request": st.sampled_from(["executions", "positions",
                                                            "contract_details"])},
        optional={"seconds": seconds, "count": st.integers(1, 3)},
    ),
    st.fixed_dictionaries({"do": st.just("move_port")},
                          optional={"when": st.sampled_from(["now", "greeting"]), "drop": bits}),
    st.just({"do": "restart", "seconds": 1}),
)  # fmt: skip
#: Makes all well again.
WELL: tuple[dict[str, object], ...] = (
    {"do": "position_answers", "mode": "whole"}, {"do": "late_accounts", "on": 0},
    {"do": "competing", "on": 0}, {"do": "flap", "on": 0}, {"do": "farms", "on": 0},
    {"do": "outage", "code": 0, "seconds": 0.1, "back": "ticks"}, {"do": "grant_data"},
    {"do": "handshake", "on": 0}, {"do": "hang", "on": 0}, {"do": "greeting", "on": 0},
)  # fmt: skip
#: More effort takes more time, seconds.
pytestmark = pytest.mark.timeout(400 * examples(1))


class States(RuleBasedStateMachine):
    """Let two clients live through whatever is commanded."""

    def __init__(self) -> None:
        super().__init__()
        self.tws = RecordedTws()
        self.clients: list[RecordedClient] = []
        self.counted, self.holdings = Recount(), Holdings()
        self.run: list[dict[str, object]] = []

    @initialize()
    def start(self) -> None:
        """Start with two accounts."""
        self.tws = RecordedTws(positions=6, messages_per_s=0)
        self.counted, self.holdings = Recount(), Holdings()
        self.control({"do": "account_added", "account": SECOND})
        self.control({"do": "open", "account": SECOND, "symbol": "QQQ", "quantity": 5})
        self.clients = [self.tws.recorded(client_id) for client_id in CLIENT_IDS]

    def control(self, given: dict[str, object]) -> None:
        """Give a command."""
        answer = self.tws.control(**given)
        assert answer["ok"], (given, answer)

    @rule(given=states)
    def enter(self, given: dict[str, object]) -> None:
        """Enter a state."""
        self.control(given)

    @rule(pick=st.integers(0, 6), quantity=st.integers(0, 3))
    def trade(self, pick: int, quantity: int) -> None:
        """Change or close what is held."""
        held = list(self.tws.world.accounts.positions())
        if held:
            chosen = held[pick % len(held)]
            self.control({"do": "position", "account": chosen.account,
                          "con_id": chosen.contract.con_id, "quantity": quantity})  # fmt: skip

    @rule(n=which)
    def ask_for_positions(self, n: int) -> None:
        """Ask for all positions, which subscribes to changes."""
        self.clients[n].send(61, 1)

    @rule(n=which, con_id=st.sampled_from([SPY, QQQ]), req_id=st.integers(1, 9), snapshot=bits)
    def ask_for_data(self, n: int, con_id: int, req_id: int, snapshot: int) -> None:
        """Ask for market data."""
        fields = market_data_fields(req_id, by_id(con_id, "SMART"), bool(snapshot))
        self.clients[n].send(*fields)

    @rule(n=which, req_id=st.integers(1, 9))
    def cancel(self, n: int, req_id: int) -> None:
        """Cancel market data."""
        self.clients[n].send(2, 2, req_id)

    @rule(n=which)
    def leave(self, n: int) -> None:
        """Hang up."""
        self.clients[n].leave()

    @rule()
    def come_back(self) -> None:
        """Connect again where a client is gone; it may be turned away."""
        for n, client in enumerate(self.clients):
            if not client.here:
                self.clients[n] = self.tws.recorded(CLIENT_IDS[n])

    @rule(pause=st.sampled_from([0.02, 0.7, 5.0, 60.0]))
    def wait(self, pause: float) -> None:
        """Let time pass."""
        self.tws.wait(pause)

    @invariant()
    def rows_are_true_and_the_time_is_answered(self) -> None:
        """After each step."""
        for line in self.tws.record():
            self.counted.read(line)
            self.holdings.read(line)
            if line["kind"] == "frame" and line["dir"] == "out" and line["id"] == 61:
                key = (line["fields"][2], int(line["fields"][3]))
                true = self.holdings.quantity(key, line["t"])
                assert Decimal(line["fields"][14]) == true, line
        for client in self.clients:
            if client.here and client.session.started:
                client.read()
                assert [f[0] for f in client.ask(49, 1) if f[0] == "49"] == ["49"]

    def teardown(self) -> None:
        """Check that all is well once that is commanded, and compare the records."""
        for given in WELL:
            self.control(given)
        self.tws.wait(1)
        late = self.tws.recorded(9)
        late.read()
        rows = [f for f in late.ask(61, 1) if f[0] == "61"]
        self.rows_are_true_and_the_time_is_answered()
        truth = {(p.account, p.contract.con_id): p.quantity
                 for p in self.tws.world.accounts.positions()}  # fmt: skip
        assert {(f[2], int(f[3])): Decimal(f[14]) for f in rows} == truth == self.holdings.held()
        late.send(*market_data_fields(1, by_id(SPY, "SMART")))
        self.tws.wait(30)
        assert any(f[2] == "1" for f in late.read(1)), "it ticks again"
        for client in self.tws.clients:
            client.leave()
        self.rows_are_true_and_the_time_is_answered()
        ledger = [(e.client_id, e.event, e.req_id) for e in self.tws.events]
        wire = [(e.client_id, e.event, e.req_id) for e in self.counted.events]
        # One turn can serve what several clients waited for: order holds for each alone.
        for client_id in (*CLIENT_IDS, 9):
            assert _of(client_id, wire) == _of(client_id, ledger)
        assert self.tws.world.lines.held == 0
        assert self.tws.world.scheduler.next_due is None, "something goes on without a client"


def _of(client_id: int, events: Sequence[tuple[int, str, int]]) -> list[tuple[str, int]]:
    """Return the events of one client; those that end with it have no order among themselves."""
    mine = [(event, req_id) for one, event, req_id in events if one == client_id]
    found: list[tuple[str, int]] = []
    for is_end, group in groupby(mine, key=lambda one: one[0] == "end"):
        part = list(group)
        found += sorted(part) if is_end else part
    return found


States.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40)
test_every_state_is_survived_without_an_untrue_row = States.TestCase
