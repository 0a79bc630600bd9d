"""Quotes and the terms of market data in a portfolio file."""

from __future__ import annotations

from dataclasses import fields

from tws_simulator.book.reader import Reader
from tws_simulator.instruments.contract import Reroute
from tws_simulator.instruments.terms import CODES, THENS, DataTerms
from tws_simulator.market.fixed import FixedQuote

#: Fields of a quote: sides, which an index does not have, sizes, and all.
SIDES = frozenset(("bid", "ask", "bid_size", "ask_size"))
SIZES = frozenset(("bid_size", "ask_size", "last_size", "volume"))
OF_QUOTE = frozenset(field.name for field in fields(FixedQuote))
OF_REROUTE = frozenset(("con_id", "exchange"))
OF_TERMS = frozenset(("code", "then", "text"))


def read_quote(quote: Reader | None, *, is_index: bool) -> FixedQuote | None:
    """Read prices that stand still; raises PortfolioError that names the field.

    null is a price that is not there.
    """
    if quote is None:
        return None
    quote.check_names(OF_QUOTE - SIDES if is_index else OF_QUOTE, OF_QUOTE, "an index")
    read = FixedQuote(
        bid=quote.price("bid"),
        ask=quote.price("ask"),
        last=quote.price("last"),
        open=quote.price("open"),
        high=quote.price("high"),
        low=quote.price("low"),
        close=quote.price("close"),
        bid_size=quote.above_0("bid_size"),
        ask_size=quote.above_0("ask_size"),
        last_size=quote.above_0("last_size"),
        volume=quote.above_0("volume"),
    )
    for name in ("bid", "ask", "last"):
        if quote.has(f"{name}_size") and getattr(read, name) is None:
            raise quote.wrong(f"{name}_size", f"needs a {name}")
    if read.bid is not None and read.ask is not None and read.bid > read.ask:
        raise quote.wrong("bid", "must not be above the ask")
    return read


def read_reroute(reroute: Reader | None) -> Reroute | None:
    """Read where the market data of a CFD is to be asked for instead; raises PortfolioError."""
    if reroute is None:
        return None
    reroute.check_names(OF_REROUTE, OF_REROUTE, "a reroute")
    con_id = reroute.integer("con_id", 0)
    if not con_id:
        raise reroute.wrong("con_id", "must be the id of a contract")
    exchange = reroute.name("exchange")
    if not exchange:
        raise reroute.wrong("exchange", "must be the name of an exchange")
    return Reroute(con_id, exchange)


def read_terms(terms: Reader | None) -> DataTerms | None:
    """Read TWS's messages before, or instead of, ticks; raise PortfolioError."""
    if terms is None:
        return None
    terms.check_names(OF_TERMS, OF_TERMS, "the terms of data")
    code = terms.integer("code", 0)
    if code not in CODES:
        raise terms.wrong("code", f"must be one of {', '.join(map(str, CODES))}")
    then = terms.one_of("then", THENS, "")
    if then not in CODES[code]:
        raise terms.wrong("then", f"must be one of {', '.join(sorted(CODES[code]))} after {code}")
    return DataTerms(code, then, terms.text("text", ""))
