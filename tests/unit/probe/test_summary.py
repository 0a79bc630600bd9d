"""Facts that a probe makes of what it observed."""

from __future__ import annotations

import pytest

from slotwise.wire.frame import Frame
from tests.support.values import contract
from workers.probe.fact import Certainty
from workers.probe.summary import notice_fact, position_fact, quote_facts
from workers.probe.timing import Quoted


@pytest.mark.parametrize(
    ("counts", "remarks", "value", "certainty"),
    [
        ((3, 3, 3), {}, 3, "measured"),
        ((0, 0, 0), {}, 0, "seen"),
        ((3, 0, 0), {}, None, "not known"),
        ((0, 0, 0), {"": "2151"}, None, "seen"),
        ((2, 2, 2), {"DU2": "10275"}, 2, "seen"),
        ((3, 0, 3), {"": "2151"}, None, "not known"),
    ],
)
def test_an_answer_without_rows_is_no_measurement(
    counts: tuple[int, ...], remarks: dict[str, str], value: int | None, certainty: Certainty
) -> None:
    fact = position_fact([(count, remarks) for count in counts])
    assert (fact.value, fact.certainty) == (value, certainty)
    assert all(words in fact.text for words in remarks.values())


def test_a_wait_is_counted_for_the_way_that_waited() -> None:
    asked = [Quoted(1, once=False, asked_at=0.0), Quoted(1, once=True, asked_at=5.0)]
    texts = {fact.name: fact.text for fact in quote_facts(asked, {1: contract(1)}, 4.0, 15.0)}
    assert "within 4 s" in texts["stream_STK_bid_ask"]
    assert "within 15 s" in texts["snapshot_STK_bid_ask"]


def test_another_session_outweighs_the_prices_that_came_before_it() -> None:
    asked = [
        Quoted(1, once=False, asked_at=0.0, bid_s=0.1, ask_s=0.1, data_type="live", codes=(10197,))
    ]
    facts = {fact.name: fact for fact in quote_facts(asked, {1: contract(1)}, 4.0, 15.0)}
    assert facts["data_STK_SMART"].value == "competing"


def test_notices_of_a_tws_that_sent_nothing_are_not_known() -> None:
    """Only a TWS that was reached can be without a notice of its own."""
    asked = Frame(0.0, 1, "client", ("API",))
    greeting = Frame(0.1, 1, "tws", ("178", "20261201 09:00:00 EST"), handshake=True)
    farm = [Frame(1.0 + n, 1, "tws", ("4", "2", "-1", "2104", "Market data farm")) for n in (1, 2)]
    for frames in ([], [asked]):
        assert notice_fact(frames).certainty == "not known"
    none = notice_fact([asked, greeting])
    assert (none.value, none.certainty, none.count) == ({}, "measured", 0)
    some = notice_fact([asked, greeting, *farm])
    assert (some.value, some.certainty, some.count) == ({"2104": 2.0}, "measured", 2)
