"""Row of the portfolio: one holding, its price, and the money that follows from both.

    market value   quantity x price                                (money: docs/value.md)
    dollar delta   quantity x delta x price of the underlying             (in the option's unit)
    gamma          quantity x gamma x (price of the underlying)^2 / 100
    vega, theta    quantity x vega, quantity x theta

Rules:
* Of an option (OPT, FOP, WAR, IOPT) the greeks are those of its quote. Everything else moves with
  itself: its dollar delta is its value, its gamma, vega and theta are 0.
* Dollar delta and gamma of an option on what trades in another currency are converted to its own.
* What depends on an unknown number is unknown (None), never zero.
* Dollar delta is what a rise of 100 % of the underlying would bring at today's delta; gamma is the
  change of the dollar delta for a rise of 1 %; vega is for one point of volatility, theta for one
  day.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.contract import Contract, PositionKey
from slotwise.portfolio.opening import Opening, day_pnl
from slotwise.portfolio.price import Freshness, Price, PricedBy, age_s, freshness
from slotwise.portfolio.underlying import Underlying
from slotwise.position import Position
from slotwise.precision import EXACT
from slotwise.rules.strategy_shares import Share
from slotwise.rules.valuation import money, value_of

#: Kinds of contracts that have greeks of their own.
OPTIONS = frozenset(("OPT", "FOP", "WAR", "IOPT"))
NOTHING, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)

#: What a kind of contract is, in a word.
Sector: TypeAlias = Literal["shares", "options", "futures", "bonds", "currencies", "other"]
SECTORS: dict[str, Sector] = {
    "STK": "shares",
    "FUND": "shares",
    "OPT": "options",
    "FOP": "options",
    "WAR": "options",
    "IOPT": "options",
    "FUT": "futures",
    "BOND": "bonds",
    "BILL": "bonds",
    "CASH": "currencies",
    "CRYPTO": "currencies",
}


class PortfolioRow(msgspec.Struct, frozen=True, kw_only=True):
    """One holding; money is in `currency`, None is unknown."""

    account: str
    con_id: int
    symbol: str
    contract: str
    kind: str
    sector: Sector
    expiry: str
    strike: Decimal | None
    right: str
    currency: str
    #: The most important active strategy that has the contract; empty where none has.
    strategy: str
    #: All of them, the most important first.
    strategies: tuple[str, ...]
    #: The strategies' shares, where one of them names a quantity; they add up to `quantity`.
    shares: tuple[Share, ...] = ()
    quantity: Decimal
    avg_cost: Decimal | None
    price: Decimal | None
    price_source: PricedBy
    price_at: datetime | None
    #: Half the width of the range that holds the true price 95 times of 100; None without a mark.
    band: Decimal | None
    #: When the underlying's price was seen that a price by the model was moved by.
    moved_at: datetime | None
    delayed: bool
    #: When the market's last session ended; None while it is open, or where hours are not known.
    closed_since: datetime | None
    #: Of an option, in its own unit: that of its strike.
    underlying_price: Decimal | None
    #: The underlying's price, and so dollar delta and gamma, are by a delayed feed.
    underlying_delayed: bool
    market_value: Decimal | None
    day_pnl: Decimal | None
    #: The day's profit and loss counts the holding as unchanged since the previous close, because
    #: the record begins later.
    day_assumed: bool
    unrealized_pnl: Decimal | None
    dollar_delta: Decimal | None
    gamma: Decimal | None
    vega: Decimal | None
    theta: Decimal | None
    observed_at: datetime

    @property
    def source_words(self) -> str:
        """Return how the price was found, and which parts of the row are delayed."""
        if self.delayed:
            return f"{self.price_source}, delayed"
        return self.price_source + (", spot delayed" if self.underlying_delayed else "")

    @property
    def key(self) -> PositionKey:
        return self.account, self.con_id

    def age_s(self, at: datetime) -> float | None:
        """Return the age of the price, seconds; None without a price."""
        return None if self.price is None else age_s(self.price_at, at)

    def freshness(self, at: datetime) -> Freshness:
        """Return the word for the age of the price."""
        return freshness(
            value=self.price,
            source=self.price_source,
            observed_at=self.price_at,
            delayed=self.delayed,
            at=at,
            closed_since=self.closed_since,
            moved_at=self.moved_at,
        )


def portfolio_row(
    position: Position,
    price: Price,
    *,
    underlying: Underlying | None = None,
    strategies: tuple[str, ...] = (),
    shares: tuple[Share, ...] = (),
    opening: Opening | None = None,
    closed_since: datetime | None = None,
) -> PortfolioRow:
    """Value one holding; `underlying` is that of an option, None where it is not known."""
    contract = position.contract
    value = value_of(position, price.value)
    # TWS names some bonds without a symbol.
    name = contract.local_symbol or str(contract.con_id)
    greeks = _greeks(contract, position.quantity, price, underlying)
    spot = None if underlying is None else underlying.price
    return PortfolioRow(
        account=position.account,
        con_id=contract.con_id,
        symbol=contract.symbol or name,
        contract=contract.label if contract.symbol else name,
        kind=contract.sec_type,
        sector=SECTORS.get(contract.sec_type, "other"),
        expiry=contract.expiry,
        strike=contract.strike,
        right=contract.right,
        currency=contract.currency,
        strategy=strategies[0] if strategies else "",
        strategies=strategies,
        shares=shares,
        quantity=position.quantity,
        avg_cost=position.avg_cost,
        price=price.value,
        price_source=price.source,
        price_at=price.observed_at,
        band=price.band,
        moved_at=price.moved_at,
        delayed=price.delayed,
        closed_since=closed_since,
        underlying_price=spot,
        underlying_delayed=spot is not None and underlying is not None and underlying.delayed,
        market_value=value.market_value,
        day_pnl=day_pnl(position, price, opening),
        day_assumed=opening is not None and opening.assumed,
        unrealized_pnl=value.unrealized_pnl,
        dollar_delta=greeks[0],
        gamma=greeks[1],
        vega=greeks[2],
        theta=greeks[3],
        observed_at=position.observed_at,
    )


_Greeks: TypeAlias = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]


def _greeks(
    contract: Contract, quantity: Decimal, price: Price, underlying: Underlying | None
) -> _Greeks:
    """Compute dollar delta, gamma, vega and theta of a holding."""
    if contract.sec_type not in OPTIONS:
        return money(contract, quantity, price.value), NOTHING, NOTHING, NOTHING
    delta = gamma = None
    if underlying is not None and underlying.price is not None and underlying.rate is not None:
        spot = underlying.price
        worth = spot if underlying.rate == ONE else EXACT.multiply(spot, underlying.rate)
        if price.delta is not None:
            delta = EXACT.multiply(price.delta, worth)
        if price.gamma is not None:
            square = EXACT.multiply(spot, worth)
            gamma = EXACT.divide(EXACT.multiply(price.gamma, square), HUNDRED)
    return (
        money(contract, quantity, delta),
        money(contract, quantity, gamma),
        money(contract, quantity, price.vega),
        money(contract, quantity, price.theta),
    )
