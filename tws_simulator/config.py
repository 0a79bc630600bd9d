"""What a simulator is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tws_simulator.book.default_book import MAX_POSITIONS
from tws_simulator.errors import UsageError
from tws_simulator.nightly import read_clock
from tws_simulator.services.market_data.settle import Spread

#: Highest TCP port.
MAX_PORT = 65_535
#: Longest nightly restart, seconds.
MAX_RESTART_S = 3600
#: Versions that can be answered with: below, no client in use; above 200, no more text.
MIN_SERVER_VERSION, MAX_SERVER_VERSION = 157, 200
#: The newest version that ib_async uses.
SERVER_VERSION = 178
#: TWS's default: half as many messages a second as there are lines.
MESSAGES_PER_S = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """Hold the options; port 0 picks a free one, `control_port` None opens no control port."""

    host: str = "127.0.0.1"
    port: int = 0
    #: Positions of the default book; a portfolio file takes its place.
    positions: int = 200
    #: Market data lines that all clients share.
    lines: int = 100
    seed: int = 1
    portfolio: Path | None = None
    ledger: Path | None = None
    #: File for every frame both ways.
    wire_log: Path | None = None
    #: File for what is really held, and each change of it.
    holdings: Path | None = None
    #: Commands to give before a client connects, as JSON.
    commands: tuple[str, ...] = ()
    control_port: int | None = None
    #: Commands that are given at their times.
    scenario: Path | None = None
    #: Local time of day, HH:MM, at which all sessions end and no client is accepted for a while, as
    #: with TWS's nightly restart; empty for never.
    restart_at: str = ""
    #: How long a nightly restart takes, seconds.
    restart_takes_s: float = 60.0
    #: Newest version a client is answered with.
    server_version: int = SERVER_VERSION
    market_hours: Literal["always", "us"] = "always"
    #: Whether an open snapshot counts as a line; IB does not say.
    snapshots_count: bool = True
    #: Requests a client may send in a second before they are delayed; 0 delays none.
    messages_per_s: int = MESSAGES_PER_S
    #: Whether what comes faster is rejected with 100, and the third time ends the session.
    reject_fast: bool = False
    #: Ticks a second to send over all lines at least, by sizes that flicker; 0 adds none.
    tick_rate: int = 0
    #: Whether a snapshot of an index waits 11 s for the bid and ask it never gets; not known.
    index_snapshots_wait: bool = False
    #: Whether quotes and computations take their time as on a real TWS, or are there at once.
    settle: Literal["quick", "measured"] = "quick"
    #: Times of quotes that a probe found, by its names of them; they come before `settle`.
    times: Mapping[str, Spread] = field(default_factory=dict)
    #: Lines that a client's account updates, and each of its subscriptions to profits, cost.
    #: Whether they cost any is contested: one document has it, reports of users do not.
    account_updates_cost: int = 0
    profit_cost: float = 0.0

    def __post_init__(self) -> None:
        """Raise UsageError where an option makes no sense."""
        for name, port in (("--port", self.port), ("--control", self.control_port or 0)):
            if not 0 <= port <= MAX_PORT:
                raise UsageError(f"{name} {port} is not between 0 and {MAX_PORT}")
        if not 0 <= self.positions <= MAX_POSITIONS:
            raise UsageError(f"--positions {self.positions} is not between 0 and {MAX_POSITIONS}")
        if not MIN_SERVER_VERSION <= self.server_version <= MAX_SERVER_VERSION:
            raise UsageError(
                f"--server-version {self.server_version} is not between "
                f"{MIN_SERVER_VERSION} and {MAX_SERVER_VERSION}"
            )
        if self.restart_at:
            read_clock(self.restart_at)
        if not 0 < self.restart_takes_s <= MAX_RESTART_S:
            raise UsageError(
                f"--restart-takes {self.restart_takes_s:g} is not above 0 and up to {MAX_RESTART_S}"
            )
        if self.lines < 0:
            raise UsageError(f"--lines {self.lines} is less than 0")
        if self.messages_per_s < 0:
            raise UsageError(f"--messages-per-second {self.messages_per_s} is less than 0")
        if self.settle not in ("quick", "measured"):
            raise UsageError(f"--settle {self.settle} is neither quick nor measured")
        if self.account_updates_cost < 0:
            raise UsageError(f"--account-updates-cost {self.account_updates_cost} is less than 0")
        if self.profit_cost < 0:
            raise UsageError(f"--profit-cost {self.profit_cost:g} is less than 0")
        if self.tick_rate < 0:
            raise UsageError(f"--tick-rate {self.tick_rate} is less than 0")
