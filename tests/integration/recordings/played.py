"""A broker connected to a replay of one of the recordings in `tests/recordings`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from slotwise.contract import Contract
from slotwise.quote import Quote
from slotwise.wire.recording import Recording, read_recording
from tests.support.compose import ROOT
from tests.support.values import contract
from tests.unit.gateway.listeners import Remembering, until
from tws_simulator.replay.server import ReplayServer
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.wire_log import Tap

FOLDER = ROOT / "tests" / "recordings"
#: A client id that no recording depends on.
CLIENT_ID = 31


def path_of(name: str) -> Path:
    """Return the file of a recording."""
    return FOLDER / f"{name}.jsonl"


def read(path: Path) -> Recording:
    """Read a recording."""
    with path.open("rb") as lines:
        return read_recording(lines, path.name)


class Quotes:
    """Remember the newest quote of each line, and how many came."""

    def __init__(self) -> None:
        self.newest: dict[int, Quote] = {}
        self.count = 0

    def __call__(self, quotes: Sequence[Quote]) -> None:
        self.count += len(quotes)
        self.newest |= {quote.con_id: quote for quote in quotes}

    async def of(self, con_id: int, ready: Callable[[Quote], object] = bool) -> Quote:
        """Wait for a quote of a contract."""
        await until(lambda: con_id in self.newest and ready(self.newest[con_id]))
        return self.newest[con_id]


class Played:
    """A broker, what it received, and the quotes of its lines."""

    def __init__(self, broker: IbBroker, heard: Remembering) -> None:
        self.broker = broker
        self.heard = heard
        self.quotes = Quotes()

    def open(self, *con_ids: int, **fields: str) -> None:
        """Open a line of each contract."""
        for con_id in con_ids:
            self.broker.open_line(named(con_id, **fields), self.quotes)


def named(con_id: int, *, sec_type: str = "STK", exchange: str = "SMART") -> Contract:
    """Name a contract as requests do: by its id and its exchange."""
    return contract(con_id, sec_type=sec_type, exchange=exchange)


@asynccontextmanager
async def played(
    name: str,
    *,
    speed: float = 1.0,
    timeouts: Timeouts | None = None,
    delayed: bool = False,
    tap: Callable[[], Tap] | None = None,
) -> AsyncIterator[Played]:
    """Play a recording to a broker for the block."""
    async with ReplayServer(path_of(name), speed=speed) as replay:
        broker = IbBroker("127.0.0.1", replay.port, CLIENT_ID, timeouts, delayed=delayed, tap=tap)
        heard = Remembering()
        broker.listen(heard)
        await broker.connect(10)
        try:
            yield Played(broker, heard)
        finally:
            await broker.disconnect()
