"""The port to the broker, in our own values; `ib` implements it, tests fake it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Protocol, TypeAlias

import msgspec

from slotwise.contract import Contract
from slotwise.leg import Leg
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.reconciliation.evidence import Execution
from slotwise.trading_hours import TradingHours
from workers.gateway.message_budget import MessageBudget

OnQuotes: TypeAlias = Callable[[Sequence[Quote]], None]


class Refusal(msgspec.Struct, frozen=True):
    """Say why a line is not there; `full` when the account has no line left.

    Code 0 stands for no answer at all.
    """

    code: int
    text: str
    full: bool = False

    @property
    def reason(self) -> str:
        """Say it in one line."""
        return f"TWS error {self.code}: {self.text}" if self.code else self.text


class Upstream(Enum):
    """Tell how TWS itself is connected to IB."""

    LOST = auto()
    #: Back, and every line has to be asked for again.
    BACK_EMPTY = auto()
    #: Back, and lines go on.
    BACK = auto()
    #: One of IB's market data farms was away or is back: some lines may have died.
    FARM = auto()


class BrokerListener(Protocol):
    """Hear what the broker says unasked. Calls come on the event loop and must not block."""

    def on_position(self, position: Position) -> None:
        """Hear that a holding changed; a closed one has quantity 0."""
        ...

    def on_line_answered(self, con_id: int) -> None:
        """Hear that TWS has taken a request for a line or a quote; ticks follow."""
        ...

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        """Hear that a line was refused or taken away; it is no longer held."""
        ...

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Hear that TWS lost IB or found it again."""
        ...

    def on_disconnected(self, reason: str) -> None:
        """Hear that the connection is gone, and every line with it; never after `disconnect`."""
        ...


class Broker(Protocol):
    """One connection to TWS or IB Gateway.

    Every request raises BrokerError when there is no connection, BrokerTimeoutError when no
    answer comes, RequestRefusedError when the answer is an error.
    """

    #: What was sent lately, and what may be sent yet.
    messages: MessageBudget

    def listen(self, listener: BrokerListener) -> None:
        """Name who hears what the broker says unasked."""
        ...

    async def connect(self, timeout_s: float) -> None:
        """Connect; raises BrokerUnreachableError with one line fit for a person."""
        ...

    async def disconnect(self) -> None:
        """Close the connection and wait until the socket is gone."""
        ...

    async def ping(self) -> None:
        """Return once anything was heard from the peer."""
        ...

    def mark(self, on_read: Callable[[], None]) -> None:
        """Hear when TWS has read all that was sent before: it answers one after another."""
        ...

    async def positions(self) -> tuple[Position, ...]:
        """Ask for every position; an answer without its end is never returned."""
        ...

    @property
    def accounts(self) -> tuple[str, ...]:
        """Name the accounts of the login; empty without a connection."""
        ...

    async def executions(self) -> tuple[Execution, ...]:
        """Ask for the day's executions of all clients and of TWS itself."""
        ...

    async def contract(self, con_id: int) -> Contract:
        """Look a contract up by its id."""
        ...

    async def trading_hours(self, contract: Contract) -> TradingHours:
        """Look up when a contract trades; raises InputError where TWS's text cannot be read."""
        ...

    async def contracts_like(self, leg: Leg) -> tuple[Contract, ...]:
        """Look up every contract that a description fits, each once, by id."""
        ...

    async def contract_of(self, symbol: str) -> Contract:
        """Look up the stock or index of this symbol."""
        ...

    def open_line(self, contract: Contract, on_quotes: OnQuotes) -> None:
        """Ask for a line; `contract.exchange` says where. Refusals go to the listener."""
        ...

    def close_line(self, con_id: int) -> None:
        """Cancel a line; does nothing where there is none."""
        ...

    async def snapshot_quote(self, contract: Contract, timeout_s: float) -> Quote:
        """Take one quote; it occupies a line until it ends, and is cancelled at the timeout.

        What arrived by the timeout or by `cancel_snapshot` is returned, so it may be empty.
        """
        ...

    def cancel_snapshot(self, con_id: int) -> None:
        """Take the line of a snapshot quote back at once."""
        ...

    async def bar_quote(self, contract: Contract) -> Quote:
        """Read the newest historical bar, which needs no line."""
        ...
