"""Whatever is asked, cancelled, halted, denied and broken: ticks carry the market's quotes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws
from tests.unit.simulator.test_lines_property import recount
from tests.unit.simulator.test_simulator_commands import give
from tests.unit.simulator.tick_reader import TickReader
from tws_simulator.instruments.contract import Contract
from tws_simulator.market.rounding import to_tick
from tws_simulator.services.market_data.view import DELAY_S

CLIENTS, LIMIT = (1, 2), 6
FARMS = ("usfarm", "usopt", "usfuture")
#: Longer than any contract goes without a step once all is mended, seconds.
SETTLE_S = 12.0

clients, req_ids = st.sampled_from(CLIENTS), st.integers(1, 4)
contracts = st.sampled_from(("STK", "OPT", "FUT", "IND", "worthless"))
actions = st.one_of(
    st.tuples(st.just("open"), clients, req_ids, contracts, st.sampled_from(("", "233,101"))),
    st.tuples(st.just("snapshot"), clients, req_ids, contracts),
    st.tuples(st.just("cancel"), clients, req_ids),
    st.tuples(st.just("reopen"), clients, req_ids, contracts),
    st.tuples(st.just("type"), clients, st.integers(1, 4)),
    st.tuples(st.sampled_from(("halt", "resume", "dead", "alive")), contracts),
    st.tuples(st.just("deny"), contracts, st.sampled_from((354, 10089, 10168))),
    st.tuples(st.just("grant"), contracts),
    st.tuples(st.just("notice"), st.sampled_from((1100, 1101, 1102, 2110))),
    st.tuples(st.sampled_from((2103, 2104)), st.sampled_from(FARMS)),
    st.tuples(st.just("competing"), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.floats(0.0, 1.5)),
)


class Play:
    """Do what an example says, and read all that comes of it."""

    def __init__(self, tick_rate: int) -> None:
        tws = self.tws = InMemoryTws(
            positions=20, lines=LIMIT, messages_per_s=0, tick_rate=tick_rate
        )
        self.contracts = {
            "STK": tws.spot("PFE"), "OPT": tws.held("OPT"), "FUT": tws.held("FUT"),
            "IND": tws.spot("VIX"),
            "worthless": tws.world.universe.option("SPY", "20261113", 300.0, "P"),
        }  # fmt: skip
        self.clients: dict[int, InMemoryClient] = {n: tws.client(n) for n in CLIENTS}
        self.readers = {n: TickReader() for n in CLIENTS}

    def read(self) -> None:
        """Take what has come."""
        for number, client in self.clients.items():
            self.readers[number].read(client.read(), self.tws.now)

    def wait(self, seconds: float) -> None:
        """Let time pass, and read what comes at the moment it comes."""
        tws = self.tws
        until = tws.now + seconds
        while (due := tws.world.scheduler.next_due) is not None and due <= until:
            tws.wait(max(due - tws.now, 0.0))
            self.read()
        tws.wait(until - tws.now)

    def cancel(self, number: int, req_id: int) -> None:
        """Cancel a request."""
        self.read()
        self.clients[number].send(2, 2, req_id)
        self.readers[number].cancelled(req_id, self.tws.now)

    def do(self, step: tuple[object, ...]) -> None:
        """Do one thing."""
        match step:
            case "open", int() as n, int() as req_id, str() as kind, str() as generic:
                self.clients[n].market_data(req_id, self.contracts[kind], generic_ticks=generic)
            case "snapshot", int() as n, int() as req_id, str() as kind:
                self.clients[n].market_data(req_id, self.contracts[kind], snapshot=True)
            case "cancel", int() as n, int() as req_id:
                self.cancel(n, req_id)
            case "reopen", int() as n, int() as req_id, str() as kind:
                self.cancel(n, req_id)
                self.clients[n].market_data(req_id, self.contracts[kind])
            case "type", int() as n, int() as wanted:
                self.clients[n].send(59, 1, wanted)
            case ("halt" | "resume") as what, str() as kind:
                give(self.tws, do=what, con_id=self.contracts[kind].con_id)
            case ("dead" | "alive") as what, str() as kind:
                on = int(what == "dead")
                give(self.tws, do="dead", con_id=self.contracts[kind].con_id, on=on)
            case "deny", str() as kind, int() as code:
                give(self.tws, do="deny_data", con_id=self.contracts[kind].con_id, code=code)
            case "grant", str() as kind:
                give(self.tws, do="grant_data", con_id=self.contracts[kind].con_id)
            case "notice", int() as code:
                give(self.tws, do="notice", code=code)
            case int() as code, str() as farm:
                give(self.tws, do="notice", code=code, farm=farm)
            case "competing", int() as on:
                give(self.tws, do="competing", on=on)
            case "wait", float() as seconds:
                self.wait(seconds)
        self.read()

    def mend(self) -> None:
        """End all that is broken, and let every line catch up."""
        for kind in self.contracts:
            for step in (("resume", kind), ("alive", kind), ("grant", kind)):
                self.do(step)
        for farm in FARMS:
            self.do((2104, farm))
        self.do(("notice", 1102))
        self.do(("competing", 0))
        self.do(("wait", SETTLE_S))


def held_lines(play: Play) -> dict[tuple[int, int], int]:
    """Give the contract of each line that the ledger says is held."""
    held: dict[tuple[int, int], int] = {}
    for event in play.tws.events:
        line = (event.client_id, event.req_id)
        if event.event in ("open", "snapshot"):
            held[line] = event.con_id
        elif event.event in ("cancel", "end"):
            del held[line]
    return held


def shown(play: Play, contract: Contract, kind: int) -> dict[str, float]:
    """Return what a line of a type must have got by now."""
    delayed = kind == 3
    at = play.tws.now - (DELAY_S if delayed else 0.0)
    quote = play.tws.world.market.quote(contract, at, delayed=delayed)
    reported = quote._asdict()
    for name in ("mid", "under", "absent"):
        del reported[name]
    if contract.sec_type == "IND":
        for name in ("bid", "ask", "bid_size", "ask_size", "last_size", "volume"):
            del reported[name]
    return reported


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(actions, max_size=40), st.sampled_from((0, 0, 300)))
def test_ticks_carry_the_markets_quote_in_the_end(
    steps: list[tuple[object, ...]], tick_rate: int
) -> None:
    """No tick before its 58 or after its time; prices on the tick; the picture is the quote."""
    play = Play(tick_rate)
    for step in steps:
        play.do(step)
    play.mend()
    world, events = play.tws.world, play.tws.events
    assert [event.held for event in events] == recount(events)
    assert all(event.held <= LIMIT for event in events)
    held = held_lines(play)
    assert len(held) == world.lines.held
    for (number, req_id), con_id in held.items():
        contract = world.universe.get(con_id)
        line = play.readers[number].lines[req_id]
        assert contract is not None
        assert line.reported == shown(play, contract, line.kind)
        for name in ("bid", "ask", "last", "high", "low", "open", "close"):
            price = line.reported.get(name, -1.0)
            assert price == -1.0 or price == to_tick(price, contract.min_tick)
    for client in play.clients.values():
        client.leave()
    assert world.scheduler.next_due is None
