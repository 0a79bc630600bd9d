"""Values of which there are tens of thousands start no garbage collection."""

from __future__ import annotations

import gc

from slotwise.contract import Contract
from slotwise.position import Position
from slotwise.queue_item import NewItem, QueueRow
from tests.support.values import NOON, position

#: After this many values of a type, were they counted, Python would have collected garbage.
MANY = 2 * gc.get_threshold()[0]


def test_what_a_poll_makes_many_of_starts_no_collection() -> None:
    """A poll of 10,000 had Python look through all values of the gateway, several times."""
    held, phases = position(1), list[str]()

    def begun(phase: str, info: dict[str, int]) -> None:
        phases.append(phase)

    kept: list[object] = [None] * (4 * MANY)
    gc.collect()
    gc.callbacks.append(begun)
    try:
        for number in range(0, 4 * MANY, 4):
            contract = Contract(con_id=number, symbol="SPY", sec_type="STK")
            kept[number] = contract
            kept[number + 1] = Position(
                account=held.account,
                contract=contract,
                quantity=held.quantity,
                avg_cost=None,
                observed_at=NOON,
            )
            kept[number + 2] = NewItem("i", held.account, number, 1)
            kept[number + 3] = QueueRow("i", held.account, number, 1, "waiting", 0, 0, NOON)
    finally:
        gc.callbacks.remove(begun)
    assert phases == []
