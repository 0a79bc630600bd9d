"""IB's marks are asked of one account after another, compared, shown and counted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from slotwise.bus.witness_status import WitnessStatus
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from slotwise.rules.witnesses import AccountMark
from tests.support.values import NOON, option, position, quote
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until
from workers.gateway.marks.witness import MarkWitness


class Room:
    """A witness over a broker in memory; every contract is quoted at 10 and marked so."""

    def __init__(self, *held: Position) -> None:
        self.held = {one.key: one for one in held}
        self.broker = FakeBroker()
        self.broker.accounts = tuple(sorted({one.account for one in held}))
        self.open = True
        #: When IB spoke last: quotes are a second older.
        self.said_at = NOON
        self.witness = MarkWitness(
            self.broker,
            held=lambda: self.held,
            quote_of=self.quote_of,
            mark_of=lambda con_id: Marked(con_id, NOON, 10.0, 0.1, "stream", NOON),
            is_open=lambda contract: self.open,
            first_s=0.0,
            round_s=0.02,
        )

    def quote_of(self, con_id: int) -> Quote:
        return quote(
            con_id, bid="9.95", ask="10.05", observed_at=self.said_at - timedelta(seconds=1)
        )

    def says(self, held: Position, price: str, *, minutes: int = 0) -> None:
        """Have IB value a holding at a price."""
        self.said_at = NOON + timedelta(minutes=minutes)
        worth = Decimal(price) * held.quantity * held.contract.multiplier
        own_mark = AccountMark(
            account=held.account, con_id=held.contract.con_id, quantity=held.quantity,
            price=Decimal(price), value=worth, unrealized_pnl=None,
            at=self.said_at,
        )  # fmt: skip
        others = self.broker.account_values.get(held.account, ())
        kept = tuple(one for one in others if one.con_id != own_mark.con_id)
        self.broker.account_values[held.account] = (*kept, own_mark)

    def step(self, account: str = "DU1") -> WitnessStatus:
        asyncio.run(self.witness.step(account))
        return self.witness.status()


def put(con_id: int, account: str = "DU1") -> Position:
    return position(con_id, -2, account=account, contract=option(con_id))


def test_marks_that_agree_are_compared_and_nothing_is_shown() -> None:
    room = Room(put(1), put(2))
    for held in room.held.values():
        room.says(held, "10.02")
    status = room.step()
    assert (status.asked, status.compared, status.standing, status.found) == (True, 2, 0, {})
    assert status.at is not None


def test_a_disagreement_is_shown_with_its_cause_and_counted_once() -> None:
    room = Room(put(1), put(2))
    for minutes in (0, 3, 6):
        room.says(room.held["DU1", 1], "10", minutes=minutes)
        room.says(room.held["DU1", 2], "14", minutes=minutes)
        status = room.step()
    assert (status.standing, status.found) == (1, {"jumped": 1})
    [shown] = status.shown
    assert (shown.con_id, shown.cause, shown.theirs, shown.ours) == (2, "jumped", 14.0, 10.0)
    assert shown.label == option(2).label
    room.says(room.held["DU1", 2], "10", minutes=9)
    status = room.step()
    assert (status.standing, status.shown, status.found) == (0, (), {"jumped": 1})


def test_a_wrong_multiplier_is_found_at_once() -> None:
    room = Room(put(1))
    room.says(room.held["DU1", 1], "10")
    [own_mark] = room.broker.account_values["DU1"]
    room.broker.account_values["DU1"] = (replace(own_mark, value=Decimal(-200)),)
    assert room.step().found == {"multiplier": 1}


def test_what_is_closed_or_traded_meanwhile_is_marked_so_or_left_out() -> None:
    room = Room(put(1))
    room.open = False
    for minutes in (0, 3):
        room.says(room.held["DU1", 1], "14", minutes=minutes)
        status = room.step()
    assert status.found == {"closed": 1}
    room = Room(put(1))
    room.says(room.held["DU1", 1], "14")
    room.held["DU1", 1] = replace(room.held["DU1", 1], quantity=Decimal(5))
    assert room.step().compared == 0


def test_what_is_not_held_any_more_stands_no_longer() -> None:
    room = Room(put(1), put(2))
    for minutes in (0, 3):
        room.says(room.held["DU1", 1], "14", minutes=minutes)
        assert room.step()
    del room.held["DU1", 1]
    room.broker.account_values["DU1"] = ()
    assert room.step().standing == 0


def test_an_account_that_gives_no_update_is_reported() -> None:
    room = Room(put(1))
    assert "no update" in room.step().trouble
    room.says(room.held["DU1", 1], "10")
    assert room.step().trouble == ""


def test_accounts_take_turns() -> None:
    async def run() -> None:
        room = Room(put(1), put(2, account="DU2"))
        for held in room.held.values():
            room.says(held, "10")
        ready = asyncio.Event()
        ready.set()
        task = asyncio.create_task(room.witness.run(ready))
        await until(lambda: len(room.broker.asked_marks) >= 4)
        task.cancel()
        assert room.broker.asked_marks[:4] == ["DU1", "DU2", "DU1", "DU2"]
        assert room.witness.status().compared == 2

    asyncio.run(asyncio.wait_for(run(), 20))


@pytest.mark.parametrize("price", ["9.8", "10.2"])
def test_within_the_bands_nothing_is_found_however_often(price: str) -> None:
    room = Room(put(1))
    for minutes in range(0, 30, 3):
        room.says(room.held["DU1", 1], price, minutes=minutes)
        assert room.step().found == {}
