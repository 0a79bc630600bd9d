"""Messages of accounts' profits: each to its own request, and TWS's number for none is none."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from slotwise.errors import BrokerTimeoutError
from workers.gateway.ib.account_profits import AccountProfits
from workers.gateway.ib.requests import ProfitRequest, Request

UNSET = "1.7976931348623157E308"


class Wire:
    """Requests with ids, and what was sent."""

    def __init__(self) -> None:
        self.requests: dict[int, Request] = {}
        self.sent: list[str] = []
        self.profits = AccountProfits(
            self.requests,
            self._start,
            lambda req_id: self.requests.pop(req_id, None) is not None,
            lambda req_id, account, model: self.sent.append(f"ask {req_id} {account}"),
            lambda req_id: self.sent.append(f"cancel {req_id}"),
        )

    def _start(self, request: ProfitRequest) -> int:
        self.requests[len(self.sent) + 1] = request
        return len(self.sent) + 1


def test_an_account_is_subscribed_to_once_and_the_newest_counts() -> None:
    async def run() -> None:
        wire = Wire()
        asked = asyncio.create_task(wire.profits.ask("DU1", 5))
        await asyncio.sleep(0)
        wire.profits.take(["94", "1", "12.5", UNSET, "0.0"])
        first = await asked
        assert (first.daily, first.unrealized, first.realized) == (
            Decimal("12.5"),
            None,
            Decimal(0),
        )
        wire.profits.take(["94", "1", UNSET, "nan", ""])
        wire.profits.take(["94", "7", "1", "2", "3"])
        wire.profits.take(["94", "1"])
        second = await wire.profits.ask("DU1", 5)
        assert (second.daily, second.unrealized, second.realized) == (None, None, None)
        assert wire.sent == ["ask 1 DU1"]

    asyncio.run(run())


def test_a_subscription_that_says_nothing_is_ended_and_asked_for_again() -> None:
    async def run() -> None:
        wire = Wire()
        with pytest.raises(BrokerTimeoutError):
            await wire.profits.ask("DU1", 0)
        asked = asyncio.create_task(wire.profits.ask("DU1", 5))
        await asyncio.sleep(0)
        wire.profits.take(["94", "3", "1", "2", "3"])
        assert (await asked).realized == 3
        assert wire.sent == ["ask 1 DU1", "cancel 1", "ask 3 DU1"]

    asyncio.run(run())
