"""Which contracts the demo trades: as many as asked for, in whole condors where there are any."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract import Contract
from tests.support.values import contract, option
from workers.stack.portfolio_pick import CONDOR_LEGS, pick_strategies

kinds = st.tuples(
    st.sampled_from(["SPY", "QQQ"]),
    st.sampled_from(["20261218", "20270115"]),
    st.sampled_from(["P", "C", ""]),
)


@st.composite
def portfolios(draw: st.DrawFn) -> list[Contract]:
    """Draw options of a few expiries, stocks among them, and a contract held twice."""
    held = [
        option(number, symbol=symbol, expiry=expiry, right=right)
        if right
        else contract(number, symbol=symbol)
        for number, (symbol, expiry, right) in enumerate(draw(st.lists(kinds, max_size=30)), 1)
    ]
    return draw(st.permutations(held + held[:1]))


def condors_in(held: list[Contract]) -> int:
    """Count the condors that could be made."""
    sides: dict[tuple[str, str], Counter[str]] = {}
    for one in {one.con_id: one for one in held}.values():
        if one.right:
            sides.setdefault((one.symbol, one.expiry), Counter())[one.right] += 1
    return sum(min(count["P"], count["C"]) // 2 for count in sides.values())


@given(portfolios(), st.integers(0, 40))
def test_exactly_as_many_contracts_as_asked_for_are_active_each_once(
    held: list[Contract], active: int
) -> None:
    chosen = pick_strategies(held, active)
    legs = [con_id for ids in chosen.values() for con_id in ids]
    distinct = {one.con_id for one in held}
    assert len(legs) == len(set(legs)) == min(active, len(distinct))
    assert set(legs) <= distinct
    assert all(1 <= len(ids) <= CONDOR_LEGS for ids in chosen.values())


@given(portfolios(), st.integers(0, 40))
def test_complete_condors_come_first(held: list[Contract], active: int) -> None:
    known = {one.con_id: one for one in held}
    complete = 0
    for name, ids in pick_strategies(held, active).items():
        legs = [known[con_id] for con_id in ids]
        if name.startswith("condor") and len(legs) == CONDOR_LEGS:
            assert len({(leg.symbol, leg.expiry) for leg in legs}) == 1
            assert Counter(leg.right for leg in legs) == {"P": 2, "C": 2}
            complete += 1
    assert complete == min(active // CONDOR_LEGS, condors_in(held))


@given(portfolios(), st.integers(0, 40))
def test_the_same_portfolio_gives_the_same_strategies_in_any_order(
    held: list[Contract], active: int
) -> None:
    assert pick_strategies(held, active) == pick_strategies(held[::-1], active)
