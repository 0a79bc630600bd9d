"""An hour of notices about farms, a hundred quiet lines: only dead ones are asked for again."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from slotwise.contract import Contract
from slotwise.rules.lines import Claim
from tests.support.effort import examples
from tests.support.values import at, contract, known
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import LineListener
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.broker import OnQuotes, Upstream
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.ib.errors import NOTICES, meaning_of
from workers.gateway.lines.events import LineLedger
from workers.gateway.lines.streamer import Streamer
from workers.gateway.lines.table import LineTable
from workers.gateway.message_budget import MOST, WINDOW_S

HOUR_S = 3600.0
LINES = 100
KINDS = (("STK", "USD"), ("STK", "EUR"), ("OPT", "USD"))
#: Notices about farms, and some that have no meaning.
CODES = (2103, 2104, 2105, 2106, 2107, 2108, 2119, 2157, 2158, 2100, 2137)


class TimedBroker(FakeBroker):
    """Note when messages for lines were sent."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(LINES)
        self._clock = clock
        self.sent: list[float] = []
        self.opened: list[tuple[float, int]] = []

    def open_line(self, contract: Contract, on_quotes: OnQuotes) -> None:
        self.opened.append((self._clock(), contract.con_id))
        self._spent()
        super().open_line(contract, on_quotes)

    def close_line(self, con_id: int) -> None:
        self._spent()
        super().close_line(con_id)

    def _spent(self) -> None:
        self.sent.append(self._clock())
        self.messages.spent(self._clock())


class Storm:
    """A streamer whose hundred lines tick at random, and a clock that jumps to what is next."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.random = Random(seed)
        self.broker = TimedBroker(lambda: self.now)
        self.broker.up = True
        self.table = LineTable(LINES)
        self.rows: list[dict[str, Any]] = []
        self.ledger = LineLedger(lambda _, rows: self.rows.extend(rows.to_pylist()))
        self.pace_s = {c: self.random.choice([2, 10, 30, 60, 120]) for c in range(1, LINES + 1)}
        book = ContractCache(self.broker)
        for con_id in self.pace_s:
            sec_type, currency = KINDS[con_id % len(KINDS)]
            book.recall([known(contract(con_id, sec_type=sec_type, currency=currency))])
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self.streamer = Streamer(
            self.broker,
            book,
            self.table,
            self.ledger,
            lambda _: None,
            clock=lambda: self.now,
            later=self.after,
        )
        self.broker.listen(LineListener(self.streamer))
        self.streamer.active = ActiveContracts(
            {c: Claim(1) for c in self.pace_s}, dict.fromkeys(self.pace_s, ("s",))
        )
        #: Dead contracts, and when they died; a new request brings them to life.
        self.dead: dict[int, float] = {}
        self.last_tick: dict[int, float] = {}
        #: Contract, last tick before its death, first tick after it.
        self.gaps: list[tuple[int, float, float]] = []
        self._answered: list[int] = []
        #: Contracts that a farm feeds which is away until then: only new requests bring a price.
        self.starved: set[int] = set()
        self.starved_until = 0.0
        self.streamer.ready()

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + seconds, self.random.getrandbits(60), call))

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        def again() -> None:
            call()
            self.after(seconds, again)

        self.after(seconds, again)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, call = heapq.heappop(self._due)
            call()
            self._answer()
        self.now = end

    def begin(self) -> None:
        """Open the lines, and let them tick."""
        self.every(1.0, self.streamer.step)
        self.every(0.5, self.streamer.look_for_silence)
        self.run(5.0)
        for con_id in self.pace_s:
            self._tick_on(con_id)

    def notice(self) -> None:
        upstream = meaning_of(self.random.choice(CODES)).effect
        if isinstance(upstream, Upstream):
            self.streamer.on_upstream(upstream, "TWS notice")
        self.after(self.random.expovariate(1.0), self.notice)

    def kill(self, con_id: int) -> None:
        self.dead[con_id] = self.now

    def tick(self, con_id: int, *, opening: bool = False) -> None:
        price = round(10 + self.random.random(), 4)
        is_starved = con_id in self.starved and self.now < self.starved_until
        if con_id in self.dead or (is_starved and not opening):
            return
        self.broker.tick(con_id, last=price, observed_at=at(self.now))
        self.last_tick[con_id] = self.now

    def _tick_on(self, con_id: int) -> None:
        self.tick(con_id)
        self.after(self.random.expovariate(1 / self.pace_s[con_id]), lambda: self._tick_on(con_id))

    def _answer(self) -> None:
        """Answer new lines as TWS does: it has them, and their prices at once."""
        self.broker.answer()
        for _, con_id in self.broker.opened[len(self._answered) :]:
            self._answered.append(con_id)
            self.after(0.14, partial(self._first, con_id))

    def _first(self, con_id: int) -> None:
        died = self.dead.pop(con_id, None)
        if died is not None:
            self.gaps.append((con_id, self.last_tick[con_id], self.now))
        self.tick(con_id, opening=True)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(1, 1 + examples(1)))
def test_an_hour_of_notices_costs_no_living_line_anything(seed: int) -> None:
    """One request for each real outage, no burst of messages, no refusal, no gap but real ones."""
    storm = Storm(seed)
    storm.begin()
    storm.after(0.0, storm.notice)
    storm.run(HOUR_S / 3)
    asked = len(storm.broker.opened)
    assert asked == LINES
    quick = [c for c, pace in storm.pace_s.items() if pace <= 30]
    for con_id in storm.random.sample(quick, 20):
        storm.after(storm.random.uniform(0.0, HOUR_S / 3), partial(storm.kill, con_id))
    storm.run(HOUR_S * 2 / 3)
    # One that was once silent for minutes is given as many times that as chance may.
    while storm.dead and storm.now < 2 * HOUR_S:
        storm.run(60.0)
    again = [con_id for _, con_id in storm.broker.opened[asked:]]
    assert sorted(again) == sorted(con_id for con_id, _, _ in storm.gaps)
    assert len(storm.gaps) == 20
    assert storm.dead == {}
    assert storm.broker.refused == []
    sent = storm.broker.sent
    assert all(later - sent[n] > WINDOW_S - 1e-6 for n, later in enumerate(sent[MOST:]))
    storm.ledger.flush()
    silent = [(r["con_id"], r["at"]) for r in storm.rows if r["event"] == "silent"]
    returned = [(r["con_id"], r["at"]) for r in storm.rows if r["event"] == "returned"]
    assert sorted(silent) == sorted((c, at(begin)) for c, begin, _ in storm.gaps)
    assert sorted(returned) == sorted((c, at(end)) for c, _, end in storm.gaps)


@pytest.mark.timeout(120)
def test_an_outage_of_a_farm_costs_each_of_its_lines_one_request_at_most() -> None:
    """However long it lasts and whatever notices come: a line cannot be more than open."""
    storm = Storm(3)
    storm.begin()
    storm.after(0.0, storm.notice)
    storm.run(HOUR_S / 3)
    asked = len(storm.broker.opened)
    storm.starved = {c for c in storm.pace_s if c % len(KINDS) == 0}
    storm.starved_until = storm.now + 600.0
    storm.run(1200.0)
    again = [con_id for _, con_id in storm.broker.opened[asked:]]
    assert set(again) <= storm.starved
    assert len(again) == len(set(again)) > 0
    late = {c for c in storm.starved if storm.last_tick[c] < storm.starved_until}
    assert {c for c in late if storm.pace_s[c] <= 30} == set(), "all tick again by themselves"


def test_every_notice_about_a_farm_is_one_of_the_table() -> None:
    """So that the storm has them all."""
    assert {code for code in CODES if isinstance(meaning_of(code).effect, Upstream)} == {
        code for code in NOTICES if isinstance(meaning_of(code).effect, Upstream)
    } - {2110}
