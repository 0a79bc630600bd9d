"""An option's computations, as ticks."""

from __future__ import annotations

from collections.abc import Iterator

from workers.simulator.desks.ticks import ASK_GREEKS, BID_GREEKS, LAST_GREEKS, MODEL_GREEKS
from workers.simulator.instruments.contract import Contract
from workers.simulator.market.market import Market
from workers.simulator.market.quote import Quote
from workers.simulator.wire.market_replies import tick_option


def all_greeks(
    market: Market, contract: Contract, req_id: int, quote: Quote, now: float, *, is_open: bool
) -> Iterator[bytes]:
    """Give the computations at bid, ask and last, and the model's; none but for options."""
    if not contract.right:
        return
    if is_open:
        yield tick_option(req_id, BID_GREEKS, market.greeks(contract, quote.bid, quote, now))
        yield tick_option(req_id, ASK_GREEKS, market.greeks(contract, quote.ask, quote, now))
    yield tick_option(req_id, LAST_GREEKS, market.greeks(contract, quote.last, quote, now))
    yield tick_option(req_id, MODEL_GREEKS, market.greeks(contract, None, quote, now))


def changed_greeks(
    market: Market,
    contract: Contract,
    req_id: int,
    quotes: tuple[Quote, Quote],
    now: float,
    *,
    model_due: bool,
) -> list[bytes]:
    """Give the computations that differ between two quotes.

    The model's comes with any other, and alone when it is due and the underlying moved.
    """
    if not contract.right:
        return []
    old, new = quotes
    prices = (
        (BID_GREEKS, old.bid, new.bid),
        (ASK_GREEKS, old.ask, new.ask),
        (LAST_GREEKS, old.last, new.last),
    )
    at = [(kind, after) for kind, before, after in prices if before != after]
    if at or (model_due and new.under != old.under):
        at.append((MODEL_GREEKS, None))
    return [
        tick_option(req_id, kind, market.greeks(contract, price, new, now)) for kind, price in at
    ]
