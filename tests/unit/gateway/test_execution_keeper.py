"""Executions are listed when something may have been traded, and sent to the lake once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from slotwise.contract import PositionKey
from slotwise.errors import BrokerError, BrokerTimeoutError
from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from slotwise.rules.landing import Head, Rows
from tests.support.values import NOON, position
from tests.unit.gateway.fake_broker import FakeBroker
from workers.gateway.execution_keeper import (
    COMMISSION_S,
    HANGS_S,
    INTERVAL_S,
    RETRY_S,
    SOON_S,
    ExecutionKeeper,
)

SOLD = Execution(
    exec_id="a.01.01", account="DU1", con_id=1, quantity=Decimal(-5), price=Decimal("600.25"),
    at=NOON, client_id=3, order_id=9, symbol="SPY", currency="USD", commission=Decimal("1.05"),
    commission_currency="USD",
)  # fmt: skip


class CountingBroker(FakeBroker):
    """A broker that counts how often executions are asked for, and may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.asked = 0
        self.fault: BrokerError | None = None
        #: Called while executions are asked for.
        self.during: Callable[[], None] = lambda: None

    async def executions(self) -> tuple[Execution, ...]:
        self.asked += 1
        self.during()
        if self.fault is not None:
            raise self.fault
        return tuple(self.traded)


class Bench:
    """A keeper over a broker in memory, with a clock that is set."""

    def __init__(self) -> None:
        self.broker, self.now = CountingBroker(), 1000.0
        self.held: Mapping[PositionKey, Position] = {}
        self.rows: list[dict[str, Any]] = []
        self.keeper = ExecutionKeeper(
            self.broker, self._append, held=lambda: self.held, clock=lambda: self.now
        )

    def step(self, after_s: float = 0.0) -> int:
        """Let the keeper look after a time; count the requests that it made."""
        self.now += after_s
        before = self.broker.asked
        asyncio.run(self.keeper.step())
        return self.broker.asked - before

    def hold(self, quantity: int) -> None:
        held = position(1, quantity)
        self.held = {held.key: held}

    def _append(self, head: Head, rows: Any) -> None:
        assert head == Rows("executions")
        self.rows += rows.to_pylist()


def test_executions_are_listed_at_first_after_changes_and_now_and_then() -> None:
    bench = Bench()
    bench.hold(10)
    assert bench.step() == 1
    assert bench.step(SOON_S) == 0
    bench.hold(5)
    assert bench.step() == 1
    bench.hold(0)
    assert bench.step(SOON_S - 1) == 0
    assert bench.step(1) == 1
    assert bench.step(INTERVAL_S - 1) == 0
    assert bench.step(1) == 1


def test_a_new_session_lists_them_again_unless_another_just_has() -> None:
    bench = Bench()
    bench.step()
    bench.keeper.session_began()
    assert bench.step() == 1
    bench.keeper.session_began()
    assert asyncio.run(bench.keeper.ask()) == ()
    assert bench.step() == 0


@pytest.mark.parametrize(
    ("fault", "pause_s"), [(BrokerError("no"), RETRY_S), (BrokerTimeoutError("silent"), HANGS_S)]
)
def test_a_tws_that_does_not_answer_is_asked_rarely(fault: BrokerError, pause_s: float) -> None:
    bench = Bench()
    bench.broker.fault = fault
    bench.step()
    bench.hold(5)
    assert bench.step(pause_s - 1) == 0
    assert bench.step(1) == 1


@pytest.mark.parametrize("fault", [BrokerError("no"), BrokerTimeoutError("silent")])
def test_a_request_from_before_a_session_puts_nothing_off(fault: BrokerError) -> None:
    """It was under way when TWS lost IB, and its time is over when IB is back."""
    bench = Bench()
    bench.broker.fault = fault
    bench.broker.during = bench.keeper.session_began
    assert bench.step() == 1
    bench.broker.fault, bench.broker.during = None, lambda: None
    assert bench.step() == 1


def test_an_execution_is_sent_once_and_its_correction_besides() -> None:
    bench = Bench()
    bench.broker.traded = [SOLD]
    bench.step()
    bench.step(INTERVAL_S)
    assert len(bench.rows) == 1
    row = bench.rows[0]
    assert (row["exec_id"], row["side"], row["order_ref"]) == ("a.01.01", "SLD", None)
    assert (row["quantity"], row["price"], row["commission"]) == (-5, SOLD.price, SOLD.commission)
    bench.broker.traded = [msgspec.structs.replace(SOLD, exec_id="a.01.02", price=Decimal(601))]
    bench.step(INTERVAL_S)
    assert [one["exec_id"] for one in bench.rows] == ["a.01.01", "a.01.02"]


def test_a_commission_is_waited_for_and_unknown_after_a_minute() -> None:
    bench = Bench()
    slow = msgspec.structs.replace(SOLD, commission=None, commission_currency="")
    bench.broker.traded = [slow, msgspec.structs.replace(slow, exec_id="b.01.01")]
    bench.step()
    assert bench.rows == []
    bench.broker.traded[0] = SOLD
    assert bench.step(SOON_S) == 1
    assert [one["commission"] for one in bench.rows] == [SOLD.commission]
    assert bench.step(COMMISSION_S - SOON_S) == 1
    assert [one["exec_id"] for one in bench.rows] == ["a.01.01", "b.01.01"]
    assert bench.rows[1]["commission"] is None
    assert bench.step(SOON_S) == 0
