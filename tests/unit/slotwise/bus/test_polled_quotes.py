"""The quotes of a poll are replaced as a whole, and read back as they were."""

from __future__ import annotations

from slotwise.bus.client import Bus
from slotwise.bus.polled_quotes import CHUNK, PolledQuotes
from tests.support.values import at, quote


def test_what_was_put_is_read_back(bus: Bus) -> None:
    board = PolledQuotes(bus)
    assert board.get([1]) == {}
    put = [quote(n, bid="1.25", ask="1.50", observed_at=at(n)) for n in range(1, 2 * CHUNK + 2)]
    board.put(put, {one.con_id for one in put})
    assert board.get([one.con_id for one in put]) == {one.con_id: one for one in put}
    assert board.get([]) == {}


def test_what_is_held_no_more_is_forgotten_and_what_has_no_newer_quote_is_kept(bus: Bus) -> None:
    """A gateway that starts again has no quotes; those of the earlier one are from before too."""
    board = PolledQuotes(bus)
    board.put([quote(1, last=1), quote(2, last=2), quote(4, last=9)], {1, 2, 4})
    board.put([quote(2, last=3)], {2, 3, 4})
    board.add(quote(3, last=4))
    assert {n: one.last for n, one in board.get([1, 2, 3, 4]).items()} == {2: 3, 3: 4, 4: 9}
    board.put([], ())
    assert board.get([1, 2, 3, 4]) == {}
