"""The streamer keeps its rules in every order of events: the broker is the witness."""

from __future__ import annotations

from concurrent.futures import Future

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from slotwise.rules.lines import DWELL_S, TURN_S
from tests.support.effort import examples
from tests.unit.gateway.streaming_desk import CONTRACTS, Desk
from workers.gateway.lines.limit import PROBE_S
from workers.gateway.lines.table import RETRY_REFUSED_S


class Lines(RuleBasedStateMachine):
    """Activate, close, refuse, change the limit, drop: the broker is the witness."""

    @initialize(lines=st.integers(0, 6), server=st.integers(1, 6))
    def begin(self, lines: int, server: int) -> None:
        self.desk = Desk(lines=lines, server=server)

    @rule(wanted=st.dictionaries(st.sampled_from(CONTRACTS), st.integers(1, 3), max_size=9))
    def change_the_registry(self, wanted: dict[int, int]) -> None:
        self.desk.want_ranked(wanted)

    @rule(seconds=st.sampled_from([0.01, 0.1, DWELL_S, PROBE_S, TURN_S, RETRY_REFUSED_S]))
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
            desk.table.quote_began(con_id, self.desk.now)
            desk.broker.snapshots[con_id] = Future()

    @rule()
    def end_the_quotes(self) -> None:
        for con_id in list(self.desk.table.quoting):
            self.desk.table.quote_ended(con_id)
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

    @precondition(lambda self: self.desk.broker.lines)
    @rule(data=st.data())
    def tick(self, data: st.DataObject) -> None:
        self.desk.broker.tick(data.draw(st.sampled_from(sorted(self.desk.broker.lines))), last=5)

    @rule()
    def lose_upstream(self) -> None:
        self.desk.streamer.upstream_lost("TWS notice 1100")

    @invariant()
    def the_ledger_has_what_is_seen(self) -> None:
        """Seen is what ticks; whatever is noted as missed is wanted, and does not tick."""
        if not hasattr(self, "desk"):
            return
        desk = self.desk
        newest = dict(desk.events())
        ticking = {c for c, line in desk.table.held.items() if not line.stale}
        assert {c for c, e in newest.items() if e in ("first_tick", "returned")} == ticking
        missed = {c for c, e in newest.items() if e != "closed"} - ticking
        assert missed <= set(desk.streamer.active.wanted)
        assert set(desk.streamer.waiting) <= missed | ticking

    @rule()
    def come_to_rest(self) -> None:
        """At rest every line TWS has is used, and the most important contracts hold them."""
        desk = self.desk
        for _ in range(12):
            desk.broker.deliver()
            desk.wait(DWELL_S)
        desk.broker.deliver()
        desk.wait(0.1)
        # That may have been the moment of a try over the known limit.
        desk.broker.deliver()
        wanted = desk.streamer.active.wanted
        able = {con_id for con_id in wanted if con_id not in desk.table.refused}
        assert set(desk.broker.lines) == set(desk.table.held) <= able
        left_out = able - set(desk.broker.lines)
        there = min(desk.broker.limit, desk.lines)
        assert len(desk.broker.lines) >= min(there, len(able)), "a line is idle, or a quote has it"
        for con_id in left_out:
            assert all(
                wanted[holder].priority <= wanted[con_id].priority for holder in desk.broker.lines
            )


Lines.TestCase.settings = settings(max_examples=examples(40), stateful_step_count=30)
TestLines = Lines.TestCase
