"""Insertions: a holding waits once when much waits, and is asked for freely when little does."""

from __future__ import annotations

import pyarrow as pa

from slotwise.contract import PositionKey
from slotwise.rules.landing import Head, Inserted
from tests.support.values import NOON, item
from workers.gateway.positions.queue_inserts import CHUNK, MUCH, Insertions


class Keeper:
    """Keep entries in a list; nothing lands before the test lets it."""

    def __init__(self) -> None:
        self.landed = 0
        self.kept: list[Inserted] = []

    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int:
        assert isinstance(head, Inserted)
        self.kept.append(head)
        return len(self.kept)

    def keys(self) -> list[PositionKey]:
        return [(i.account, i.con_id) for head in self.kept for i in head.items]


def test_polls_insert_freely_while_they_land() -> None:
    keeper = Keeper()
    insertions = Insertions(keeper)
    for _ in range(3):
        insertions.insert([item(1), item(2)], NOON)
    assert len(keeper.keys()) == 6


def test_many_holdings_make_several_entries() -> None:
    keeper = Keeper()
    Insertions(keeper).insert([item(n) for n in range(1, 2 * CHUNK + 2)], NOON)
    assert [len(head.items) for head in keeper.kept] == [CHUNK, CHUNK, 1]


def test_a_holding_waits_once_while_nothing_lands() -> None:
    """However long the lake is away, what waits is bounded; changes are inserted all the same."""
    keeper = Keeper()
    insertions = Insertions(keeper)
    for _ in range(10 * MUCH):
        insertions.insert([item(1), item(2)], NOON)
    bound = len(keeper.kept)
    assert bound == MUCH
    insertions.insert([item(3)], NOON)
    assert len(keeper.kept) == bound + 1, "one that does not wait yet does from now on"
    insertions.insert([item(1)], NOON, changed=True)
    assert len(keeper.kept) == bound + 2
    keeper.landed = len(keeper.kept)
    insertions.insert([item(1)], NOON)
    assert len(keeper.kept) == bound + 3
