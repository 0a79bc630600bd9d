"""Behaviour of market data that a switch decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tws_simulator.services.market_data.settle import SettleWay, Spread


@dataclass(frozen=True, slots=True)
class MarketDataOptions:
    """How market data behaves, by switches."""

    #: Ticks a second to send over all lines at least; 0 adds none.
    tick_rate: int = 0
    #: Whether a snapshot of an index waits its eleven seconds for a bid and an ask.
    index_snapshots_wait: bool = False
    #: How long it takes until what was asked for is there.
    settle: SettleWay = "quick"
    #: Times that a probe found, by its names of them.
    times: Mapping[str, Spread] = field(default_factory=dict)
