"""A leg is read as people write it; what makes no sense is named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.leg import CURRENCIES, KINDS, Leg, read_leg, read_legs

SPY_PUT = Leg(symbol="SPY", sec_type="OPT", expiry="20261218", right="P", strike=Decimal(560))


@pytest.mark.parametrize(
    "text",
    [
        "SPY 20261218 P 560",
        "spy 2026-12-18 560 put",
        "SPY 560P 20261218",
        "  SPY  20261218  560.00  P ",
    ],
)
def test_an_option_may_be_written_in_any_order(text: str) -> None:
    assert read_leg(text) == SPY_PUT


@pytest.mark.parametrize(
    ("text", "leg"),
    [
        ("756733", Leg(con_id=756733)),
        ("SPY", Leg(symbol="SPY")),
        ("VIX IND", Leg(symbol="VIX", sec_type="IND")),
        ("ES 202612", Leg(symbol="ES", sec_type="FUT", expiry="202612")),
        (
            "ES FUT 20261218 @CME",
            Leg(symbol="ES", sec_type="FUT", expiry="20261218", exchange="CME"),
        ),
        ("SAP EUR @IBIS", Leg(symbol="SAP", currency="EUR", exchange="IBIS")),
        (
            "ES FOP 20261218 C 6000",
            Leg(symbol="ES", sec_type="FOP", expiry="20261218", right="C", strike=Decimal(6000)),
        ),
        ("BRK.B", Leg(symbol="BRK.B")),
    ],
)  # fmt: skip
def test_a_leg_is_an_id_a_symbol_a_future_or_an_option(text: str, leg: Leg) -> None:
    assert read_leg(text) == leg


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "no contract id"),
        ("99999999999", "no contract id"),
        ("SPY P", "needs expiry, right and strike"),
        ("SPY 560", "needs expiry, right and strike"),
        ("SPY 20261218 P", "needs expiry, right and strike"),
        ("SPY 20261218 P 560 570", "says twice what its strike is: 570"),
        ("SPY STK 20261218", "STK has no expiry"),
        ("SPY FUT 20261218 P 560", "cannot be FUT"),
        ("SPY 20261318 P 560", "'20261318' is no expiry"),
        ("SPY maybe", "'MAYBE' is no expiry"),
        ("@SMART", "does not begin with a symbol"),
        ("1.5", "does not begin with a symbol or a contract id"),
        ("", "does not begin with a symbol"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_leg(text)


def test_legs_are_separated_by_commas_semicolons_or_lines_with_remarks() -> None:
    text = "761, 762 # the short side\nSPY 20261218 P 560; SPY\n\n# nothing here\n"
    assert read_legs(text) == (Leg(con_id=761), Leg(con_id=762), SPY_PUT, Leg(symbol="SPY"))
    with pytest.raises(InputError, match="no leg is named"):
        read_legs(" ,\n# only a remark\n")


LEGS = st.one_of(
    st.builds(Leg, con_id=st.integers(1, 2**31 - 1)),
    st.builds(
        Leg,
        symbol=st.from_regex(r"[A-Z]{1,5}", fullmatch=True).filter(
            lambda s: s not in CURRENCIES | KINDS | {"C", "P"}
        ),
        sec_type=st.sampled_from(("OPT", "FOP")),
        expiry=st.dates().filter(lambda d: 2000 <= d.year < 2100).map(lambda d: f"{d:%Y%m%d}"),
        right=st.sampled_from("CP"),
        strike=st.decimals(1, 99999, places=2),
        exchange=st.sampled_from(("", "SMART", "CME")),
        currency=st.sampled_from(("", "USD", "EUR")),
    ),
)


@given(LEGS)
def test_what_a_leg_says_of_itself_is_read_as_the_same_leg(leg: Leg) -> None:
    assert read_leg(leg.label) == leg


@given(st.text(max_size=60))
def test_any_text_is_a_leg_or_a_clear_word_about_it(text: str) -> None:
    said = ""
    try:
        legs = read_legs(text)
    except InputError as error:
        legs, said = (), str(error)
    assert bool(legs) != bool(said)
    assert "\n" not in said
