"""Four options of one underlying and a stock, and what can be seen of them."""

from __future__ import annotations

from slotwise.rules.marks.black76 import greeks, price
from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.observation import Observation

STOCK, UNDERLYING = 50, 1
YEAR_S = 365.0 * 86_400.0
EXPIRES_AT_S = 30 * 86_400.0
STRIKES = (95.0, 100.0, 105.0, 110.0)


def instruments() -> list[Instrument]:
    options = [
        Instrument(
            con_id=10 + number,
            underlying=UNDERLYING,
            strike=strike,
            call=True,
            expires_at_s=EXPIRES_AT_S,
            tick=0.01,
        )
        for number, strike in enumerate(STRIKES)
    ]
    return [*options, Instrument(con_id=STOCK, tick=0.01)]


def spot_of(at_s: float, value: float) -> Observation:
    return Observation(
        con_id=UNDERLYING, at_s=at_s, origin="stream", bid=value - 0.01, ask=value + 0.01
    )


def quote_of(
    number: int, at_s: float, spot: float, *, iv: float = 0.2, with_greeks: bool = True
) -> Observation:
    strike, years = STRIKES[number], (EXPIRES_AT_S - at_s) / YEAR_S
    middle = price(spot, strike, years, iv, call=True)
    return Observation(
        con_id=10 + number,
        at_s=at_s,
        origin="quote",
        bid=middle - 0.02,
        ask=middle + 0.02,
        greeks=greeks(spot, strike, years, iv, call=True) if with_greeks else None,
        underlying_price=spot if with_greeks else None,
    )


def new_book() -> MarkBook:
    book = MarkBook()
    book.want(instruments())
    return book


def marks_of(book: MarkBook, at_s: float) -> dict[int, Mark]:
    return {mark.con_id: mark for mark in book.marks(at_s)}
