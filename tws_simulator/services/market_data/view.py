"""What a line sees of a contract: live or delayed, frozen or not, halted or trading.

| phase    | bid and ask                    | mask                 |
|----------|--------------------------------|----------------------|
| open     | as they are                    | can execute          |
| pre-open | the last ones                  | pre-open             |
| closed   | none, or the last if frozen    | none                 |
| halted   | none, all else as it was       | none                 |

No quote is the contract's own price for it, -1 for most, with size 0.
"""

from __future__ import annotations

from typing import NamedTuple

from tws_simulator.instruments.contract import Contract
from tws_simulator.market.black_scholes import Greeks
from tws_simulator.market.market import Market
from tws_simulator.market.quote import Quote
from tws_simulator.wire.ticks import CAN_AUTO_EXECUTE, PRE_OPEN

#: Types of market data (IB documentation).
LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
#: How old delayed data is, seconds (IB documentation: 10 to 15 minutes, 15 for US exchanges).
DELAY_S = 900.0
#: Values of "halted": it trades; a general halt.
TRADES, HALTED = 0, 1


class Halts:
    """Since when contracts are halted, unix seconds."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}

    def halt(self, con_id: int, now: float) -> None:
        """Halt a contract; one that is halted already stays so."""
        self._since.setdefault(con_id, now)

    def resume(self, con_id: int) -> None:
        """Resume trading of a contract."""
        self._since.pop(con_id, None)

    def since(self, con_id: int) -> float | None:
        """Return since when; None while it trades."""
        return self._since.get(con_id)


class Sight(NamedTuple):
    """Hold what is seen at one instant: the type of data that is, the mask of bid and ask."""

    quote: Quote
    kind: int
    mask: int
    halted: int


class View:
    """See one contract as all lines do that want the same type of data of it."""

    def __init__(
        self, contract: Contract, market: Market, halts: Halts, *, delayed: bool, frozen: bool
    ) -> None:
        self.contract = contract
        self.delayed = delayed
        self.frozen = frozen
        self._market = market
        self._halts = halts
        #: What is seen changes this often, seconds.
        self.interval_s = market.interval_s[contract.sec_type]
        self._lag_s = DELAY_S if delayed else 0.0

    def seen_at(self, now: float) -> float:
        """Return which time is seen, unix seconds."""
        return now - self._lag_s

    def is_open(self, now: float) -> bool:
        """Return whether what is seen comes from an open market."""
        return self._market.calendar.is_open(self.seen_at(now))

    def sight(self, now: float) -> Sight:
        """Look."""
        at = self.seen_at(now)
        since = self._halts.since(self.contract.con_id)
        calendar = self._market.calendar
        kind = DELAYED if self.delayed else LIVE
        # Delayed data learns of a halt when it happens, and shows no price from after it.
        if since is not None:
            quote = self._quote(min(at, since))
            return Sight(quote.withdrawn(self.contract.no_quote), kind, 0, HALTED)
        quote = self._quote(at)
        if calendar.is_open(at):
            return Sight(quote, kind, CAN_AUTO_EXECUTE, TRADES)
        if calendar.is_pre_open(at):
            return Sight(quote, kind, PRE_OPEN, TRADES)
        if self.frozen:
            return Sight(quote, kind + 1, 0, TRADES)
        return Sight(quote.withdrawn(self.contract.no_quote), kind, 0, TRADES)

    def _quote(self, at: float) -> Quote:
        return self._market.quote(self.contract, at, delayed=self.delayed)

    def greeks(self, price: float | None, quote: Quote, now: float) -> Greeks:
        """Compute an option at a price; None asks for the model's own."""
        return self._market.greeks(self.contract, price, quote, self.seen_at(now))
