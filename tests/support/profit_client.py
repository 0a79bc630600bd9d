"""Profit and loss of holdings as TWS itself counts them, asked for by ib_async's own client."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ib_async import IB, PnLSingle, StartupFetchNONE

#: Answers come within this on a busy machine, seconds.
ANSWER_S = 30.0
#: Requests a second; TWS takes 50.
RATE = 40


class Profit(NamedTuple):
    """A holding's value and unrealised profit, in its currency."""

    value: Decimal
    unrealized: Decimal


class ProfitClient:
    """Asks for the profit of some holdings, which TWS then sends each second where it changed."""

    def __init__(self, port: int, account: str, con_ids: Sequence[int]) -> None:
        self._port, self._account, self._con_ids = port, account, con_ids
        self._ib = IB()
        self._asked: dict[int, PnLSingle] = {}

    async def __aenter__(self) -> ProfitClient:
        await self._ib.connectAsync(
            "127.0.0.1", self._port, clientId=91, timeout=ANSWER_S, fetchFields=StartupFetchNONE
        )
        for con_id in self._con_ids:
            self._asked[con_id] = self._ib.reqPnLSingle(self._account, "", con_id)
            await asyncio.sleep(1 / RATE)
        deadline = asyncio.get_running_loop().time() + ANSWER_S
        while any(math.isnan(one.value) for one in self._asked.values()):
            assert asyncio.get_running_loop().time() < deadline, "profits did not come"
            await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ib.disconnect()

    def now(self) -> dict[int, Profit]:
        """Return what was sent last."""
        return {
            con_id: Profit(Decimal(str(one.value)), Decimal(str(one.unrealizedPnL)))
            for con_id, one in self._asked.items()
        }
