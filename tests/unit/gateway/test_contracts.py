"""Contracts are asked for at most once, and never without an exchange."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.contract import Contract
from slotwise.errors import BrokerError
from tests.support.values import contract, option
from tests.unit.gateway.fake_broker import FakeBroker
from workers.gateway.contracts import ContractBook


class FutureBroker(FakeBroker):
    """A broker that knows one future and, without an exchange, one bond."""

    async def contract(self, con_id: int) -> Contract:
        self.wire.append(f"details {con_id}")
        if con_id == 5:
            return contract(5, sec_type="FUT", symbol="ES", exchange="CME")
        return contract(con_id, sec_type="BOND", exchange="")


def test_a_position_is_enough_for_an_option() -> None:
    """No look-up: SMART routes it."""
    broker = FakeBroker()
    book = ContractBook(broker)
    book.learn(option(3))
    known = book.get(3)
    assert known is not None
    assert known.exchange == "SMART"
    assert broker.wire == []


def test_a_future_is_looked_up_once() -> None:
    """Only TWS knows where it trades."""

    async def run() -> None:
        broker = FutureBroker()
        book = ContractBook(broker)
        book.learn(contract(5, sec_type="FUT", exchange=""))
        assert book.get(5) is None
        assert (await book.find(5)).exchange == "CME"
        assert book.get(5) == await book.find(5)
        assert broker.wire == ["details 5"]

    asyncio.run(run())


def test_a_contract_without_an_exchange_is_an_error() -> None:
    """It could not be asked for."""
    with pytest.raises(BrokerError, match="no exchange"):
        asyncio.run(ContractBook(FutureBroker()).find(6))
