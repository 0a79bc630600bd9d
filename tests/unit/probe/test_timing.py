"""What became of requests for market data, read from the messages."""

from __future__ import annotations

import pytest

from slotwise.wire.frame import Frame
from workers.probe.timing import quoted


def asked(t: float, request: str, con_id: str, symbol: str = "S", snapshot: str = "0") -> Frame:
    """Make a request for market data."""
    contract = (con_id, symbol, "STK", "", "0.0", "", "", "SMART", "", "USD", "", "")
    return Frame(t, 1, "client", ("1", "11", request, *contract, "0", "", snapshot, "0", ""))


def frame_at(t: float, *fields: str) -> Frame:
    """Make a message of TWS."""
    return Frame(t, 1, "tws", fields)


def price(t: float, request: str, tick: str, value: str, size: str) -> Frame:
    """Make a price."""
    return frame_at(t, "1", "6", request, tick, value, size, "0")


def test_a_request_that_is_sent_on_stays_the_request_of_its_contract() -> None:
    frames = [
        asked(0.0, "1", "100", "IBM"),
        frame_at(0.1, "91", "1", "8314", "SMART"),
        asked(0.1, "2", "8314", ""),
        price(0.3, "2", "1", "301.10", "100"),
        price(0.4, "2", "2", "301.15", "100"),
        asked(5.0, "3", "8314", "", "1"),
        price(5.5, "3", "1", "301.10", "100"),
        asked(6.0, "4", "8314", "IBM"),
    ]
    stream, once, share = quoted(frames)
    assert (stream.con_id, stream.both_sides_s, stream.once) == (100, 0.4, False)
    assert (once.con_id, once.bid_s, once.once) == (100, 0.5, True)
    assert (share.con_id, share.has_data) == (8314, False)


@pytest.mark.parametrize(
    ("tick", "value", "size", "is_price"),
    [
        ("1", "-1", "0", False),
        ("1", "-100", "0", False),
        ("2", "0.0", "0", False),
        ("1", "14240", "0", False),
        ("1", "-1", "5", True),
        ("2", "560.42", "", True),
        ("4", "-100", "0", False),
        ("4", "560.42", "0", True),
        ("4", "6810.25", "", True),
        ("1", "", "5", False),
    ],
)
def test_a_number_that_stands_for_no_quote_is_no_price(
    tick: str, value: str, size: str, is_price: bool
) -> None:
    [request] = quoted([asked(0.0, "1", "100"), price(0.1, "1", tick, value, size)])
    assert request.has_data == is_price
