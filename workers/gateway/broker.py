"""The port to the broker, in our own values; `ib` implements it, tests fake it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Protocol, TypeAlias

import msgspec

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.exchange_rates import ExchangeRate
from slotwise.leg import Leg
from slotwise.numbering import Numbering
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.reconciliation.evidence import Execution
from slotwise.rules.profit_witness import AccountProfit
from slotwise.rules.witnesses import AccountMark
from workers.gateway.message_budget import MessageBudget
from workers.gateway.position_answer import PositionAnswer
from workers.gateway.quote_ways import Settled

OnQuotes: TypeAlias = Callable[[Sequence[Quote]], None]


class Cause(Enum):
    """Why TWS gives no market data, where more than one contract may suffer from it."""

    OTHER = auto()
    #: The account, or the API, has no permission for the data.
    PERMISSION = auto()
    #: Another session of the same user has it.
    COMPETING = auto()


class Refusal(msgspec.Struct, frozen=True):
    """Reason why a line is not there; `full` when the account has no line left.

    Code 0 stands for no answer at all. `words` say what the code means.
    """

    code: int
    text: str
    full: bool = False
    words: str = ""
    cause: Cause = Cause.OTHER

    @property
    def reason(self) -> str:
        """Return it in one line."""
        if not self.code:
            return self.text
        reply = f"TWS error {self.code}: {self.text}"
        return f"{self.words} ({reply})" if self.words else reply


class Upstream(Enum):
    """Return how TWS itself is connected to IB."""

    LOST = auto()
    #: Back, and every line has to be asked for again.
    BACK_EMPTY = auto()
    #: Back, and lines go on.
    BACK = auto()
    #: One of IB's market data farms is away.
    FARM_BROKEN = auto()
    #: One of IB's market data farms is back, so the link is up; some lines may have died.
    FARM = auto()
    #: Another kind of farm is back, so the link is up.
    LINK_WORKS = auto()
    #: A farm is idle, is being connected, or one without market data is away.
    FARM_NEWS = auto()
    #: A market data farm is not connected, as nothing needs it.
    FARM_RESTS = auto()
    #: Another session of the user has the market data; lines may be open still.
    COMPETING = auto()
    #: TWS listens at another port from now on; `reason` names it, where TWS did.
    PORT_MOVED = auto()


class BrokerListener(Protocol):
    """A listener for what the broker sends unasked; calls are on the event loop, and short."""

    def on_position(self, position: Position) -> None:
        """Take a changed holding; a closed one has quantity 0."""
        ...

    def on_line_answered(self, con_id: int) -> None:
        """Note that TWS has accepted a request for a line or a quote; ticks follow."""
        ...

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        """Note that a line was refused or taken away; it is no longer held."""
        ...

    def on_rerouted(self, con_id: int, to_con_id: int) -> None:
        """Take note that TWS gives quotes of another contract for this one's, in its units."""
        ...

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Note that TWS lost its link to IB or has it again."""
        ...

    def on_disconnected(self, reason: str) -> None:
        """Note that the connection is gone, and every line with it; never after `disconnect`."""
        ...


class Broker(Protocol):
    """One connection to TWS or IB Gateway.

    Every request raises BrokerError when there is no connection, BrokerTimeoutError when no
    answer comes, RequestRefusedError when the answer is an error.
    """

    #: What was sent lately, and what may be sent yet.
    messages: MessageBudget
    #: The port that TWS listens at now, where it is another than the one given (notice 1300).
    moved_to: int | None
    #: Numbers what is observed of holdings, in the order in which TWS sent it.
    numbering: Numbering

    def listen(self, listener: BrokerListener) -> None:
        """Set the receiver of what the broker sends unasked."""
        ...

    async def connect(self, timeout_s: float) -> None:
        """Connect; raises BrokerUnreachableError with one line fit for a person."""
        ...

    async def disconnect(self) -> None:
        """Close the connection and wait until the socket is gone."""
        ...

    async def ping(self) -> None:
        """Return once anything came from the peer."""
        ...

    def mark(self, on_read: Callable[[], None]) -> None:
        """Wait until TWS has read all that was sent before: it answers one after another."""
        ...

    async def positions(self) -> PositionAnswer:
        """Ask for every position; an answer without its end is never returned."""
        ...

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return the accounts of the login; empty without a connection."""
        ...

    async def account_holdings(self, account: str) -> frozenset[int] | None:
        """Ask an account's own update for the contracts it holds; None while it is not ready."""
        ...

    async def account_marks(self, account: str) -> tuple[AccountMark, ...]:
        """Return IB's value of each holding of an account, from the account's own update."""
        ...

    async def account_profit(self, account: str) -> AccountProfit:
        """Return the newest profit that IB reports for an account; it is subscribed to once."""
        ...

    async def accounts_hold(self) -> Mapping[str, bool | None]:
        """Ask by their values which accounts hold something; None is one they do not decide."""
        ...

    async def executions(self) -> tuple[Execution, ...]:
        """Ask for the day's executions of all clients and of TWS itself."""
        ...

    async def exchange_rates(self) -> tuple[ExchangeRate, ...]:
        """Ask for the rates of every currency that the accounts have to do with."""
        ...

    async def details(self, con_id: int) -> ContractDetails:
        """Ask for the details of a contract, of whatever kind, by its id."""
        ...

    async def details_like(self, leg: Leg) -> tuple[ContractDetails, ...]:
        """Look up every contract that a description fits, each once, by id."""
        ...

    async def details_of(self, symbol: str) -> ContractDetails:
        """Ask for the details of the stock or index of this symbol."""
        ...

    def open_line(self, contract: Contract, on_quotes: OnQuotes) -> None:
        """Ask for a line at `contract.exchange`. Refusals go to the listener."""
        ...

    def close_line(self, con_id: int) -> None:
        """Cancel a line; does nothing where there is none."""
        ...

    async def snapshot_quote(
        self, contract: Contract, timeout_s: float, stream: Settled | None = None
    ) -> Quote:
        """Take one quote; it occupies a line until it ends, and is cancelled at the timeout.

        With `stream` it is a short stream, which ends once all wanted is there, and holds
        what came last. What arrived by the timeout or by `cancel_snapshot` is returned, so it may
        be empty. It is of the time when its last price came, which may be seconds before its end.
        """
        ...

    def cancel_snapshot(self, con_id: int) -> None:
        """Take the line of a snapshot quote back at once."""
        ...

    async def bar_quote(self, contract: Contract) -> Quote:
        """Read the newest historical bar, which needs no line."""
        ...
