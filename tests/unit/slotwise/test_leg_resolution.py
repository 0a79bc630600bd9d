"""A leg means one contract, or the error names which ones it may mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from slotwise.errors import InputError
from slotwise.leg import read_leg
from slotwise.rules.leg_resolution import NAMED, LegCandidates, described, resolve
from tests.support.values import contract, option


def test_what_fits_alone_is_the_contract() -> None:
    leg = read_leg("SPY")
    assert resolve(LegCandidates(leg, (contract(5),))) == contract(5)


def test_what_fits_several_is_answered_with_the_candidates_and_their_ids() -> None:
    """With what distinguishes them."""
    one = option(7, trading_class="SPX", multiplier=Decimal(100))
    other = option(8, trading_class="SPXW", multiplier=Decimal(100))
    with pytest.raises(InputError) as caught:
        resolve(LegCandidates(read_leg("SPX 20261218 P 5600"), (one, other)))
    message = str(caught.value)
    assert "may mean 2 contracts" in message
    for candidate in (one, other):
        assert f"{candidate.con_id} = {described(candidate)}" in message
    assert "SPXW" in message


def test_what_has_expired_is_named_with_its_last_day() -> None:
    over = option(7, expiry="20261120")
    leg_candidates = LegCandidates(read_leg("7"), (over,))
    last_day = datetime(2026, 11, 20, 20, tzinfo=UTC)
    assert resolve(leg_candidates, last_day) == over, "on its last day it is alive"
    with pytest.raises(InputError, match=r"leg '7': SPY 20261120 P 560 .*expired on 2026-11-20"):
        resolve(leg_candidates, last_day + timedelta(hours=4))


def test_many_candidates_are_counted() -> None:
    found = tuple(map(contract, range(1, NAMED + 6)))
    with pytest.raises(InputError, match="and 5 more"):
        resolve(LegCandidates(read_leg("ES FUT"), found))


@pytest.mark.parametrize(
    ("leg_candidates", "message"),
    [
        (LegCandidates(read_leg("NOPE"), ()), "TWS knows no such contract"),
        (
            LegCandidates(read_leg("SPY"), (), "no connection to TWS"),
            "not looked up: no connection",
        ),
    ],
)
def test_what_fits_nothing_says_so(leg_candidates: LegCandidates, message: str) -> None:
    with pytest.raises(InputError, match=message):
        resolve(leg_candidates)
