"""An option's computations, as ticks; "not computed" where there is no price to compute from."""

from __future__ import annotations

from tws_simulator.services.market_data.ticks import TickTypes
from tws_simulator.services.market_data.view import Sight, View
from tws_simulator.wire.ticks import Tick, no_option_tick, option_tick


def all_greeks(view: View, types: TickTypes, sight: Sight, now: float) -> list[Tick]:
    """Return the computations at bid, ask and last, and the model's; none but for options.

    Without any bid or ask, as when it is closed or halted, TWS computes none of the four.
    """
    if not view.contract.right:
        return []
    quote = sight.quote
    kinds = (types.bid_greeks, types.ask_greeks, types.last_greeks, types.model_greeks)
    if not quote.has_ask:
        return [no_option_tick(kind) for kind in kinds]
    prices = (quote.bid, quote.ask, quote.last, None)
    return [
        _computation(view, types, kind, price, sight, now)
        for kind, price in zip(kinds, prices, strict=True)
        if kind != types.last_greeks or "last" not in quote.absent
    ]


def changed_greeks(
    view: View, types: TickTypes, sights: tuple[Sight, Sight], now: float, *, model_due: bool
) -> list[Tick]:
    """Return the computations that differ between two views.

    The model's comes with any other, and alone when it is due and the underlying moved.
    """
    if not view.contract.right:
        return []
    before, after = sights
    old, new = before.quote, after.quote
    if old.has_ask != new.has_ask:
        return all_greeks(view, types, after, now)
    if not new.has_ask:
        return []
    at: list[tuple[int, float | None]] = []
    if (old.bid, old.has_bid) != (new.bid, new.has_bid):
        at.append((types.bid_greeks, new.bid))
    if old.ask != new.ask:
        at.append((types.ask_greeks, new.ask))
    if "last" not in new.absent and ("last" in old.absent or old.last != new.last):
        at.append((types.last_greeks, new.last))
    if at or (model_due and new.under != old.under):
        at.append((types.model_greeks, None))
    return [_computation(view, types, kind, price, after, now) for kind, price in at]


def _computation(
    view: View, types: TickTypes, kind: int, price: float | None, sight: Sight, now: float
) -> Tick:
    if kind == types.bid_greeks and not sight.quote.has_bid:
        return no_option_tick(kind)
    return option_tick(kind, view.greeks(price, sight.quote, now))
