"""Farms that connect on demand: 2108 until one of their contracts is asked for, then 2119, 2104."""

from __future__ import annotations

from collections.abc import Iterable

from tws_simulator.instruments.contract import Contract
from tws_simulator.services.common.farms import farm_of
from tws_simulator.services.common.flapping import Announce
from tws_simulator.services.common.notices import Notice
from tws_simulator.services.common.plans import Plans
from tws_simulator.services.market_data.market_data import MarketData
from tws_simulator.wire.ids import ErrorCode

#: Names what is planned here.
DEMAND = "demand"


class Demand:
    """Connect farms when the first of their contracts is asked for."""

    def __init__(self, market_data: MarketData, plans: Plans, announce: Announce) -> None:
        self._market_data = market_data
        self._plans = plans
        self._announce = announce
        self._connects_s = 0.0
        self._connecting: set[str] = set()
        market_data.on_open = self._on_asked

    def rest(self, farms: Iterable[str], connects_s: float, now: float) -> None:
        """Disconnect farms; connecting takes `connects_s` seconds."""
        self._connects_s = connects_s
        self._market_data.outages.dormant.update(farms)
        self._market_data.review(now)

    def connect_all(self, now: float) -> None:
        """Connect all farms, without a word."""
        self._plans.drop(DEMAND)
        self._connecting.clear()
        self._market_data.outages.dormant.clear()
        self._market_data.review(now)

    def notices(self) -> list[Notice]:
        """Return what a client is sent at its start about farms that are not connected."""
        dormant = sorted(self._market_data.outages.dormant - self._connecting)
        return [Notice(ErrorCode.MARKET_FARM_INACTIVE, farm) for farm in dormant]

    def _on_asked(self, contract: Contract, now: float) -> None:
        farm = farm_of(contract)
        dormant = self._market_data.outages.dormant
        if farm not in dormant or farm in self._connecting:
            return
        self._connecting.add(farm)
        self._announce(Notice(ErrorCode.MARKET_FARM_CONNECTING, farm), now, False)
        self._plans.at(now + self._connects_s, DEMAND, lambda at: self._on_connected(farm, at))

    def _on_connected(self, farm: str, now: float) -> None:
        self._connecting.discard(farm)
        self._market_data.outages.dormant.discard(farm)
        self._announce(Notice(ErrorCode.MARKET_FARM_OK, farm), now, False)
        self._market_data.review(now)
