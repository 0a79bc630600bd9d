"""A mark between two quotes, held against a full repricing of an American option by QuantLib."""

from __future__ import annotations

import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.rules.marks.anchor import anchored, value_at
from slotwise.rules.marks.black76 import Greeks
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.observation import Observation
from slotwise.rules.marks.underlying import Spot

TODAY = ql.Date(28, 11, 2026)
DAY_S = 86_400.0
RATE, DIVIDENDS = 0.04, 0.015


@settings(max_examples=25, deadline=None)
@given(
    strike=st.floats(92.0, 108.0),
    iv=st.floats(0.12, 0.6),
    moved=st.floats(-0.006, 0.006),
    days=st.integers(20, 200),
    call=st.booleans(),
)
def test_taylor_step_is_within_one_percent_of_a_full_repricing(
    strike: float, iv: float, moved: float, days: int, call: bool
) -> None:
    option, spot = _american(strike, iv, days, call)
    instrument = Instrument(
        con_id=2, underlying=1, strike=strike, call=call, expires_at_s=days * DAY_S
    )
    middle = option.NPV()
    # The greeks come from the option itself: they know of dividends and early exercise.
    greeks = Greeks(
        iv=iv, delta=option.delta(), gamma=option.gamma(), vega=0.0, theta=option.theta() / 365.0
    )
    seen = Observation(con_id=2, at_s=0.0, origin="quote", bid=middle - 0.01, ask=middle + 0.01)
    anchor = anchored(instrument, seen, Spot(100.0, 0.0, 0.0, 0.0, True), greeks, 0.0)
    assert anchor is not None
    spot.setValue(100.0 * (1.0 + moved))
    assert value_at(anchor, 100.0 * (1.0 + moved), 0.0) == pytest.approx(
        option.NPV(), rel=0.01, abs=0.01
    )


def test_decay_of_a_day_is_that_of_a_full_repricing() -> None:
    option, _ = _american(101.0, 0.25, 60, True)
    later, _ = _american(101.0, 0.25, 59, True)
    greeks = Greeks(iv=0.25, delta=0.5, gamma=0.0, vega=0.0, theta=option.theta() / 365.0)
    instrument = Instrument(
        con_id=2, underlying=1, strike=101.0, call=True, expires_at_s=60 * DAY_S
    )
    middle = option.NPV()
    seen = Observation(con_id=2, at_s=0.0, origin="quote", bid=middle, ask=middle)
    anchor = anchored(instrument, seen, Spot(100.0, 0.0, 0.0, 0.0, True), greeks, 0.0)
    assert anchor is not None
    assert value_at(anchor, 100.0, DAY_S) == pytest.approx(later.NPV(), rel=0.002)


def _american(
    strike: float, iv: float, days: int, call: bool
) -> tuple[ql.VanillaOption, ql.SimpleQuote]:
    ql.Settings.instance().evaluationDate = TODAY
    spot = ql.SimpleQuote(100.0)
    count = ql.Actual365Fixed()
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(spot),
        ql.YieldTermStructureHandle(ql.FlatForward(TODAY, DIVIDENDS, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(TODAY, RATE, count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), iv, count)),
    )
    kind = ql.Option.Call if call else ql.Option.Put
    option = ql.VanillaOption(
        ql.PlainVanillaPayoff(kind, strike), ql.AmericanExercise(TODAY, TODAY + days)
    )
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, 100, 400))
    return option, spot
