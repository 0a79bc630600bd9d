"""Moments are read, two moments compared, and a past is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.parse_time import read_moment
from slotwise.report.plot import BLOCKS, blocks
from slotwise.rules.holdings_diff import Moved, label, moved
from tests.support.values import NOON


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-11-20 14:32", "UTC", datetime(2026, 11, 20, 14, 32, tzinfo=UTC)),
        ("2026-11-20T14:32:05", "America/New_York", datetime(2026, 11, 20, 19, 32, 5, tzinfo=UTC)),
        ("2026-11-20 14:32+02:00", "UTC", datetime(2026, 11, 20, 12, 32, tzinfo=UTC)),
        ("2026-11-20", "UTC", datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_its_zone(text: str, zone: str, moment: datetime) -> None:
    assert read_moment(text, zone) == moment


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [("someday", "UTC", "is no time"), ("2026-11-20", "Mars/Base", "time zone 'Mars/Base'"),
     ("0001-01-01 00:00+14:00", "UTC", "is no time")],
)  # fmt: skip
def test_what_is_no_moment_is_named(text: str, zone: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_moment(text, zone)


def row(con_id: int, quantity: int, account: str = "U1") -> dict[str, Any]:
    return {
        "account": account, "con_id": con_id, "quantity": Decimal(quantity), "symbol": "SPY",
        "expiry": "20261218", "right": "P", "strike": Decimal("560.000000"),
        "sec_type": "OPT", "local_symbol": None, "currency": "USD",
    }  # fmt: skip


NO_OPTION = {"expiry": None, "right": None, "strike": None, "sec_type": "STK"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "SPY 20261218 P 560"),
        (NO_OPTION, "SPY"),
        ({**NO_OPTION, "symbol": "GAW", "currency": "GBP"}, "GAW GBP"),
        ({**NO_OPTION, "symbol": "7203", "currency": "JPY"}, "7203 JPY"),
        ({**NO_OPTION, "symbol": "EUR", "sec_type": "CASH", "currency": "USD"}, "EUR.USD CASH"),
        ({"sec_type": "FOP"}, "SPY FOP 20261218 P 560"),
        ({**NO_OPTION, "sec_type": "BOND", "local_symbol": "T 0 1/4 09/30/30"}, "T 0 1/4 09/30/30"),
        ({**NO_OPTION, "sec_type": "BOND"}, "SPY BOND"),
        # An old row may lack what was not kept then.
        ({**NO_OPTION, "currency": None, "sec_type": None}, "SPY"),
    ],
)
def test_a_contract_is_named_in_words(fields: dict[str, Any], words: str) -> None:
    assert label({**row(1, 1), **fields}) == words


HOLDINGS = st.dictionaries(st.integers(1, 6), st.integers(-3, 3).filter(bool))


@given(HOLDINGS, HOLDINGS)
def test_what_moved_leads_from_one_moment_to_the_other(
    before: dict[int, int], after: dict[int, int]
) -> None:
    found = moved(
        [row(con_id, n) for con_id, n in before.items()],
        [row(con_id, n) for con_id, n in after.items()],
    )
    walked = dict(before)
    for one in found:
        assert one.before == before.get(one.con_id, 0) != one.after
        assert (one.what == "opened") == (one.con_id not in before)
        assert (one.what == "closed") == (one.con_id not in after)
        walked[one.con_id] = int(one.after)
    assert {con_id: n for con_id, n in walked.items() if n} == after
    assert [one.con_id for one in found] == sorted({one.con_id for one in found})


def test_two_accounts_with_one_contract_are_two_holdings() -> None:
    assert moved([row(1, 5, "U1")], [row(1, 5, "U2")]) == (
        Moved(what="closed", account="U1", con_id=1, contract="SPY 20261218 P 560",
              before=Decimal(5), after=Decimal(0)),
        Moved(what="opened", account="U2", con_id=1, contract="SPY 20261218 P 560",
              before=Decimal(0), after=Decimal(5)),
    )  # fmt: skip


POINTS = st.lists(
    st.tuples(st.integers(0, 10_000), st.floats(-1e9, 1e9)), min_size=1, max_size=30
).map(lambda found: [(NOON + timedelta(seconds=s), v) for s, v in sorted(found)])


@given(POINTS, st.integers(1, 100))
def test_blocks_are_as_wide_as_asked_and_end_with_the_last_value(
    points: list[tuple[datetime, float]], width: int
) -> None:
    drawn = blocks(points, width)
    assert len(drawn) == width
    assert set(drawn) <= set(BLOCKS)
    values = [value for _, value in points]
    if max(values) > min(values) and values[-1] == max(values):
        assert drawn[-1] == BLOCKS[-1]


def test_blocks_rise_with_the_value() -> None:
    points = [(NOON + timedelta(seconds=s), float(s)) for s in range(8)]
    assert blocks(points, 7) == BLOCKS[1:]
    assert blocks([], 5) == ""
