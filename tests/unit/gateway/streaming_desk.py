"""A streamer over a broker in memory, with a clock that a test turns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import pyarrow as pa

from slotwise.quote import Quote
from slotwise.rules.landing import Head
from slotwise.rules.lines import Claim
from tests.support.values import contract, known
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import LineListener
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.lines.events import LineLedger
from workers.gateway.lines.streamer import Streamer
from workers.gateway.lines.table import LineTable

CONTRACTS = range(1, 13)


@dataclass
class Desk:
    """A streamer over a fake broker, with a clock that a test turns."""

    lines: int = 100
    server: int = 100
    reserve: int = 0
    market_open: bool = True
    now: float = 0.0
    quotes: list[Quote] = field(default_factory=list)
    entries: list[tuple[Head, pa.RecordBatch]] = field(default_factory=list)
    #: What the streamer wants to be called for later.
    timers: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = FakeBroker(self.server)
        self.broker.up = True
        self.book = ContractCache(self.broker, on_needed=self.know)
        self.table = LineTable(self.lines, reserve=self.reserve)
        self.ledger = LineLedger(lambda head, rows: self.entries.append((head, rows)))
        self.streamer = Streamer(
            self.broker,
            self.book,
            self.table,
            self.ledger,
            self.quotes.extend,
            trades=lambda contract_: self.market_open,
            clock=lambda: self.now,
            later=lambda seconds, step: self.timers.append(step),
        )
        self.broker.listen(LineListener(self.streamer))
        for con_id in CONTRACTS:
            self.know(con_id)
        self.streamer.ready()
        self.streamer.may_look_up = True

    def know(self, con_id: int) -> None:
        """Have the details of a contract, as if they had been looked up."""
        self.book.recall([known(contract(con_id))])

    def want(self, *con_ids: int) -> None:
        """Want contracts, the first the most important."""
        self.want_ranked({con_id: rank for rank, con_id in enumerate(con_ids, 1)})

    def want_ranked(self, wanted: dict[int, int]) -> None:
        claims = {con_id: Claim(priority) for con_id, priority in wanted.items()}
        self.streamer.active = ActiveContracts(claims, dict.fromkeys(wanted, ("s",)))
        self.streamer.step()
        self.broker.answer()

    def wait(self, seconds: float) -> None:
        """Let time pass, with a step at its end."""
        self.now += seconds
        self.streamer.step()
        self.broker.answer()

    def events(self) -> list[tuple[int, str]]:
        """Name what the ledger says so far."""
        self.ledger.flush()
        return [
            (row["con_id"], row["event"]) for _, rows in self.entries for row in rows.to_pylist()
        ]


def quoting(*con_ids: int) -> Desk:
    """Make a desk whose every line takes a quote."""
    desk = Desk(lines=len(con_ids), server=len(con_ids))
    for con_id in con_ids:
        desk.table.quote_began(con_id, desk.now)
        desk.broker.snapshots[con_id] = Future()
        desk.table.answered(con_id)
    return desk


def ticking(desk: Desk, every_s: dict[int, float], seconds: float) -> None:
    """Let lines tick at their own pace for a while, the silence of others being looked for."""
    end, next_at = desk.now + seconds, {c: desk.now + pace for c, pace in every_s.items()}
    while min(next_at.values()) <= end:
        con_id = min(next_at, key=lambda c: next_at[c])
        desk.now = next_at[con_id]
        desk.broker.tick(con_id, last=1 + int(desk.now) % 97)
        next_at[con_id] += every_s[con_id]
        desk.streamer.look_for_silence()
    desk.now = end
