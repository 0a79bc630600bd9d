"""Lines are what the registry wants, within the limit, whatever happens in whatever order."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from slotwise.landing import Head
from slotwise.quote import Quote
from tests.support.effort import examples
from tests.support.values import contract
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering, until
from workers.gateway.active import Active
from workers.gateway.broker import Refusal
from workers.gateway.contracts import ContractBook
from workers.gateway.line_events import LineLedger
from workers.gateway.line_table import PROBE_S, RETRY_REFUSED_S, SETTLE_S, LineTable
from workers.gateway.streamer import Streamer

CONTRACTS = range(1, 13)


@dataclass
class Desk:
    """A streamer over a fake broker, with a clock that a test turns."""

    lines: int = 100
    server: int = 100
    now: float = 0.0
    quotes: list[Quote] = field(default_factory=list)
    entries: list[tuple[Head, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = FakeBroker(self.server)
        self.broker.up = True
        self.book = ContractBook(self.broker)
        self.table = LineTable(self.lines)
        self.ledger = LineLedger(lambda head, rows: self.entries.append((head, rows)))
        self.streamer = Streamer(
            self.broker, self.book, self.table, self.ledger, self.quotes.append, lambda: self.now
        )
        listener = Remembering()
        listener.on_line_refused = self.streamer.line_refused  # type: ignore[method-assign]
        self.broker.listen(listener)
        for con_id in CONTRACTS:
            self.book.learn(contract(con_id))
        self.streamer.ready()
        self.streamer.may_look_up = True

    def want(self, *con_ids: int) -> None:
        """Want contracts, the first the most important."""
        self.want_ranked({con_id: rank for rank, con_id in enumerate(con_ids, 1)})

    def want_ranked(self, wanted: dict[int, int]) -> None:
        self.streamer.active = Active(wanted, dict.fromkeys(wanted, ("s",)))
        self.streamer.step()

    def wait(self, seconds: float) -> None:
        """Let time pass, with a step at its end."""
        self.now += seconds
        self.streamer.step()

    def events(self) -> list[tuple[int, str]]:
        """Name what the ledger says so far."""
        self.ledger.flush()
        return [
            (row["con_id"], row["event"])
            for _, rows in self.entries
            for row in rows.to_pylist()  # type: ignore[attr-defined]
        ]


def test_lines_follow_the_registry() -> None:
    """A new contract gets a line, one that nobody wants loses it, the others are not touched."""
    desk = Desk()
    desk.want(1, 2)
    desk.want(2, 3)
    assert set(desk.broker.lines) == {2, 3}
    assert desk.broker.wire == ["open 1", "open 2", "close 1", "open 3"]


def test_with_too_few_lines_the_most_important_have_them() -> None:
    """Who waits is visible, in order."""
    desk = Desk(lines=2)
    desk.want(1, 2, 3, 4)
    assert set(desk.broker.lines) == {1, 2}
    assert desk.streamer.without_line() == [3, 4]


def test_a_line_is_closed_before_its_successor_opens() -> None:
    """At no moment is there one line too many."""
    desk = Desk(lines=2, server=2)
    desk.want(1, 2)
    desk.want(3, 1)
    assert desk.broker.wire[-2:] == ["close 2", "open 3"]
    assert desk.broker.refused == []


def quoting(*con_ids: int) -> Desk:
    """Make a desk whose every line takes a quote."""
    desk = Desk(lines=len(con_ids), server=len(con_ids))
    for con_id in con_ids:
        desk.table.quoting[con_id] = None
        desk.broker.snapshots[con_id] = Future()
    return desk


def test_an_activation_takes_the_line_of_a_quote() -> None:
    """One cancel, then the request; of several quotes the oldest gives way."""
    desk = quoting(7, 8)
    desk.want(1)
    assert desk.broker.wire == ["cancel 7", "open 1"]
    assert list(desk.table.quoting) == [8]


def test_an_activation_takes_the_line_of_its_own_quote_first() -> None:
    """The contract is not asked for twice at once."""
    desk = quoting(7, 8)
    desk.want(8)
    assert desk.broker.wire == ["cancel 8", "open 8"]
    assert list(desk.table.quoting) == [7]


def test_error_101_counts_the_quotes_under_way() -> None:
    """They hold lines too, so those are known to be there."""
    desk = quoting(7, 8)
    desk.table.configured = desk.table.limit = 5
    desk.want(1)
    desk.broker.deliver()
    assert desk.table.limit == 2


def test_error_101_lowers_the_limit_and_drops_nobody() -> None:
    """After a moment the most important hold the lines there are, and the rest wait."""
    desk = Desk(lines=5, server=3)
    desk.want(1, 2, 3, 4, 5)
    desk.broker.deliver()
    assert desk.table.limit == 3
    desk.wait(SETTLE_S)
    assert set(desk.broker.lines) == {1, 2, 3}
    assert desk.streamer.without_line() == [4, 5]
    assert desk.broker.refused == [4, 5]


def test_a_higher_limit_is_found_again() -> None:
    """While somebody waits the limit is tried, rarely and in careful steps."""
    desk = Desk(lines=8, server=3)
    desk.want(1, 2, 3, 4, 5, 6)
    desk.broker.deliver()
    desk.wait(PROBE_S - 1)
    assert len(desk.broker.refused) == 3
    desk.broker.limit = 8
    for _ in range(3):
        desk.wait(PROBE_S)
        desk.broker.deliver()
    assert set(desk.broker.lines) == {1, 2, 3, 4, 5, 6}
    assert len(desk.broker.refused) == 3


def test_a_refused_contract_leaves_its_line_to_others() -> None:
    """It is asked for again later, and at once on a new connection."""
    desk = Desk(lines=1)
    desk.want(1, 2)
    desk.broker.refuse(1, code=354)
    assert set(desk.broker.lines) == {2}
    assert desk.streamer.without_line() == [1]
    desk.wait(RETRY_REFUSED_S)
    assert set(desk.broker.lines) == {1}
    desk.broker.refuse(1, code=354)
    desk.broker.forget()
    desk.streamer.lines_gone("dropped")
    desk.streamer.step()
    assert set(desk.broker.lines) == {1}


def test_an_unknown_contract_is_looked_up_once() -> None:
    """One that TWS does not know is refused with its reason; the others go on."""

    async def run() -> None:
        desk = Desk(lines=1)
        desk.broker.unknown = {99}
        desk.want(99, 50, 1)
        desk.streamer.step()
        assert set(desk.broker.lines) == set()
        await until(lambda: desk.broker.lines)
        assert desk.broker.wire.count("details 99") == 1
        assert set(desk.broker.lines) == {50}
        assert desk.table.refused[99].refusal.code == 200

    asyncio.run(run())


def test_ticks_reach_the_listener_until_the_line_closes() -> None:
    """The first one is an event of the ledger; one in flight at the close is nobody's."""
    desk = Desk()
    desk.want(1)
    late = desk.broker.lines[1]
    desk.broker.tick(1, last=5)
    desk.broker.tick(1, last=6)
    desk.want()
    late(desk.quotes[-1])
    assert [q.last for q in desk.quotes] == [5, 6]
    assert desk.events() == [(1, "opened"), (1, "first_tick"), (1, "closed")]


def test_a_lost_connection_is_in_the_ledger() -> None:
    """Each line is lost and opened again."""
    desk = Desk()
    desk.want(1, 2)
    desk.streamer.pause()
    desk.streamer.lines_gone("dropped")
    desk.broker.forget()
    desk.streamer.step()
    assert desk.broker.lines == {}
    desk.streamer.ready()
    desk.streamer.step()
    assert desk.events()[2:] == [(1, "lost"), (2, "lost"), (1, "opened"), (2, "opened")]


class Lines(RuleBasedStateMachine):
    """Activate, close, refuse, change the limit, drop: the broker is the witness."""

    @initialize(lines=st.integers(0, 6), server=st.integers(1, 6))
    def begin(self, lines: int, server: int) -> None:
        self.desk = Desk(lines=lines, server=server)

    @rule(wanted=st.dictionaries(st.sampled_from(CONTRACTS), st.integers(1, 3), max_size=9))
    def change_the_registry(self, wanted: dict[int, int]) -> None:
        self.desk.want_ranked(wanted)

    @rule(seconds=st.sampled_from([0.1, SETTLE_S, PROBE_S, RETRY_REFUSED_S]))
    def let_time_pass(self, seconds: float) -> None:
        self.desk.wait(seconds)

    @rule()
    def deliver_refusals(self) -> None:
        self.desk.broker.deliver()

    @rule(limit=st.integers(1, 6))
    def change_the_accounts_limit(self, limit: int) -> None:
        """TWS takes no line away when the allowance shrinks; it refuses the next."""
        self.desk.broker.limit = limit

    @precondition(lambda self: self.desk.broker.lines)
    @rule(data=st.data(), code=st.sampled_from([200, 354, 10197]))
    def take_a_line_away(self, data: st.DataObject, code: int) -> None:
        self.desk.broker.refuse(data.draw(st.sampled_from(sorted(self.desk.broker.lines))), code)

    @rule(con_id=st.sampled_from(CONTRACTS))
    def begin_a_quote(self, con_id: int) -> None:
        """What the watch does: only on an idle line."""
        desk = self.desk
        if desk.table.free() and con_id not in (*desk.table.held, *desk.table.quoting):
            desk.table.quoting[con_id] = None
            desk.broker.snapshots[con_id] = Future()

    @rule()
    def end_the_quotes(self) -> None:
        self.desk.table.quoting.clear()
        self.desk.broker.snapshots.clear()

    @rule()
    def drop_and_reconnect(self) -> None:
        desk = self.desk
        desk.broker.forget()
        desk.broker.snapshots.clear()
        desk.streamer.pause()
        desk.streamer.lines_gone("dropped")
        desk.streamer.ready()
        desk.streamer.step()

    @invariant()
    def no_line_leaks(self) -> None:
        """TWS holds no line that we do not know of, and no two counts of quotes differ."""
        if hasattr(self, "desk"):
            assert set(self.desk.broker.lines) <= set(self.desk.table.held)
            assert set(self.desk.broker.snapshots) == set(self.desk.table.quoting)

    @invariant()
    def the_limit_holds(self) -> None:
        if hasattr(self, "desk"):
            table = self.desk.table
            assert len(table.held) + len(table.quoting) <= max(table.limit, 0) <= self.desk.lines

    @rule()
    def come_to_rest(self) -> None:
        """At rest the most important contracts that TWS does not refuse hold the lines."""
        desk = self.desk
        for _ in range(12):
            desk.broker.deliver()
            desk.wait(SETTLE_S)
        wanted = desk.streamer.active.wanted
        able = {con_id for con_id in wanted if con_id not in desk.table.refused}
        assert set(desk.broker.lines) == set(desk.table.held) <= able
        left_out = able - set(desk.broker.lines)
        if left_out:
            assert len(desk.broker.lines) == desk.table.limit, "a line or a quote is in the way"
        for con_id in left_out:
            assert all(wanted[holder] <= wanted[con_id] for holder in desk.broker.lines)


Lines.TestCase.settings = settings(max_examples=examples(40), stateful_step_count=30)
TestLines = Lines.TestCase


def test_refusals_name_their_code() -> None:
    """A refusal without a code is told in its own words."""
    assert Refusal(354, "no").reason == "TWS error 354: no"
    assert Refusal(0, "no answer").reason == "no answer"
