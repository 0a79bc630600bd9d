"""`slotwise up` shows what the gateway of its own run reports, and each change once."""

from __future__ import annotations

from msgspec.structs import replace

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from tests.support.values import NOON, at
from workers.stack.gateway_words import GatewayWords

STATUS = GatewayStatus(
    at=NOON, session="ended", detail="", limit=100, lines={}, waiting=[], quotes_in_flight=0,
    positions=0, polled_at=None, connected_at=None, ticks=0, handler_errors={},
)  # fmt: skip


def test_words_of_an_earlier_run_are_passed_over(bus: Bus) -> None:
    board = StatusBoard(bus)
    board.put(STATUS)
    words = GatewayWords(board)
    assert words.news() == ""
    board.put(replace(STATUS, at=at(3), session="connecting", detail="to 127.0.0.1:7497"))
    assert words.news() == "gateway connecting to 127.0.0.1:7497"


def test_words_of_this_run_are_shown_once_for_each_change(bus: Bus) -> None:
    """Also where nothing was there before it, and where it ends."""
    board = StatusBoard(bus)
    words = GatewayWords(board)
    assert words.news() == ""
    shown = []
    for seconds, session in enumerate(("ready", "ready", "ended")):
        board.put(replace(STATUS, at=at(seconds), session=session))
        shown += [words.news(), words.news()]
    assert shown == ["gateway ready", "", "", "", "gateway ended", ""]
