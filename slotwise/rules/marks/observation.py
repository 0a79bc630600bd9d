"""What was seen of a contract at one moment: the input of marks."""

from __future__ import annotations

from math import isfinite
from typing import Literal, TypeAlias

import msgspec

from slotwise.quote import Quote
from slotwise.rules.marks.black76 import Greeks

#: How an observation came: over a line that is held, as one quote of the rotation, from the lake
#: after a start, or as the last close of a market that is shut.
Origin: TypeAlias = Literal["stream", "quote", "lake", "close"]


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One contract's market at a moment.

    A side is None where it is not quoted. `last` is a traded price, or the close of a shut market.
    `greeks` are those that came with the quote, `underlying_price` the price they were computed
    with. `delayed` is True where the feed is: it shows a market of a quarter of an hour ago.
    """

    con_id: int
    at_s: float
    origin: Origin
    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    greeks: Greeks | None = None
    underlying_price: float | None = None
    delayed: bool = False

    @property
    def middle(self) -> float | None:
        """Return the middle of a two-sided market that is not crossed, else None."""
        if self.bid is None or self.ask is None or not self.bid <= self.ask:
            return None
        return (self.bid + self.ask) / 2.0

    @property
    def half_spread(self) -> float | None:
        """Return half the distance of bid and ask where there is a middle."""
        if self.bid is None or self.ask is None or not self.bid <= self.ask:
            return None
        return (self.ask - self.bid) / 2.0


def observed(quote: Quote, origin: Origin | None = None, at_s: float | None = None) -> Observation:
    """Return a quote as an observation: plain numbers, sensitivities for a volatility of 1.00.

    `at_s` is when it came by the clock of the marks; the quote's own time without one.
    """
    return Observation(
        con_id=quote.con_id,
        at_s=quote.observed_at.timestamp() if at_s is None else at_s,
        origin=origin or ("stream" if quote.source == "stream" else "quote"),
        bid=_number(quote.bid),
        ask=_number(quote.ask),
        last=_number(quote.last if quote.last is not None else quote.close),
        greeks=_greeks(quote),
        underlying_price=_number(quote.underlying_price),
        delayed=quote.delayed,
    )


def _greeks(quote: Quote) -> Greeks | None:
    iv, delta, gamma = _number(quote.iv), _number(quote.delta), _number(quote.gamma)
    vega, theta = _number(quote.vega), _number(quote.theta)
    if iv is None or delta is None or gamma is None or vega is None or theta is None:
        return None
    return Greeks(iv=iv, delta=delta, gamma=gamma, vega=vega * 100.0, theta=theta)


def _number(value: object) -> float | None:
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type]  # Decimal, int or float
    return number if isfinite(number) else None
