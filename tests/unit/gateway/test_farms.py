"""Farms that are away are known by the names that TWS's notices end with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import at
from workers.gateway.broker import Upstream
from workers.gateway.lines.farms import Farms, farm_in


@pytest.mark.parametrize(
    ("text", "farm"),
    [
        ("Market data farm connection is broken:usfarm", "usfarm"),
        ("Die Verbindung zur Marktdatenfarm ist unterbrochen: usfarm.nj", "usfarm.nj"),
        ("TWS notice 2104: Market data farm connection is OK:eufarm", "eufarm"),
        (
            "Market data farm connection is inactive but should be available upon demand.usfuture",
            "usfuture",
        ),
        ("something without a name", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_farm_is_the_end_of_its_notice(text: str, farm: str) -> None:
    assert farm_in(text) == farm


def test_a_farm_is_away_since_the_first_notice_until_it_is_back_or_rests() -> None:
    farms = Farms()
    farms.take(Upstream.FARM_BROKEN, "broken:usopt", at(0))
    farms.take(Upstream.FARM_BROKEN, "broken:usopt", at(5))
    farms.take(Upstream.FARM_BROKEN, "broken:hfarm", at(6))
    farms.take(Upstream.FARM, "OK:usfarm", at(7))
    assert farms.away == {"usopt": at(0), "hfarm": at(6)}
    farms.take(Upstream.FARM_RESTS, "available upon demand.hfarm", at(8))
    farms.take(Upstream.FARM, "OK:usopt", at(9))
    assert farms.away == {}


@given(st.lists(st.tuples(st.sampled_from(Upstream), st.text()), max_size=300))
def test_whatever_tws_says_what_is_remembered_has_a_bound(
    notices: list[tuple[Upstream, str]],
) -> None:
    farms = Farms()
    for upstream, text in notices:
        farms.take(upstream, text, at(0))
    assert len(farms.away) <= 100
    farms.take(Upstream.BACK, "", at(1))
    assert farms.away == {}
