"""What a simulator is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workers.simulator.book.default_book import MAX_POSITIONS
from workers.simulator.errors import UsageError

#: Highest TCP port.
MAX_PORT = 65_535
#: Versions that can be answered with: below, no client in use speaks; above 200, no more text.
MIN_SERVER_VERSION, MAX_SERVER_VERSION = 157, 200
#: What ib_async speaks at most.
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
    control_port: int | None = None
    #: Newest version a client is answered with.
    server_version: int = SERVER_VERSION
    market_hours: Literal["always", "us"] = "always"
    #: Whether an open snapshot counts as a line; IB does not say.
    snapshots_count: bool = True
    #: Requests a client may send in a second before they are delayed; 0 delays none.
    messages_per_s: int = MESSAGES_PER_S
    #: Whether what comes faster is rejected with 100, and the third time ends the session.
    reject_fast: bool = False

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
        if self.lines < 0:
            raise UsageError(f"--lines {self.lines} is less than 0")
        if self.messages_per_s < 0:
            raise UsageError(f"--messages-per-second {self.messages_per_s} is less than 0")
