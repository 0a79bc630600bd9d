"""A leg is read as people write it; what makes no sense is named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.currencies import CURRENCIES
from slotwise.errors import InputError
from slotwise.leg import KINDS, OPTIONS, Leg, read_leg
from slotwise.leg_quantity import read_shared_legs


def read_legs(text: str) -> tuple[Leg, ...]:
    """Return the legs of a text, whatever their quantities."""
    return tuple(one.leg for one in read_shared_legs(text))


SPY_PUT = Leg(symbol="SPY", sec_type="OPT", expiry="20261218", right="P", strike=Decimal(560))


@pytest.mark.parametrize(
    "text",
    [
        "SPY 20261218 P 560",
        "spy 2026-12-18 560 put",
        "SPY 560P 20261218",
        "  SPY  20261218  560.00  P ",
        "SPY OPT P 560 20261218",
    ],
)
def test_an_option_may_be_written_in_any_order(text: str) -> None:
    assert read_leg(text) == SPY_PUT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("756733", {"con_id": 756733}),
        ("00756733", {"con_id": 756733}),
        ("SPY", {"symbol": "SPY"}),
        ("C", {"symbol": "C"}),
        ("ALL", {"symbol": "ALL"}),
        ("VIX IND", {"symbol": "VIX", "sec_type": "IND"}),
        ("BRK B", {"symbol": "BRK B"}),
        ("brk b stk", {"symbol": "BRK B", "sec_type": "STK"}),
        ("JPM PRD USD", {"symbol": "JPM PRD", "currency": "USD"}),
        ("BRK.B", {"symbol": "BRK.B"}),
        ('"CIG C" STK', {"symbol": "CIG C", "sec_type": "STK"}),
        ('"sap, x #1"', {"symbol": "sap, x #1"}),
        ("M&M @NSE INR", {"symbol": "M&M", "exchange": "NSE", "currency": "INR"}),
        (
            "7203 STK @TSEJ JPY",
            {"symbol": "7203", "sec_type": "STK", "exchange": "TSEJ", "currency": "JPY"},
        ),
        ("700 @SEHK", {"symbol": "700", "exchange": "SEHK"}),
        ("700 HKD", {"symbol": "700", "currency": "HKD"}),
        ('"700"', {"symbol": "700"}),
        ("SAP EUR @IBIS", {"symbol": "SAP", "currency": "EUR", "exchange": "IBIS"}),
        ("EUR.USD CASH", {"symbol": "EUR", "sec_type": "CASH", "currency": "USD"}),
        ("eur.usd", {"symbol": "EUR", "sec_type": "CASH", "currency": "USD"}),
        ("USD.CNH CASH", {"symbol": "USD", "sec_type": "CASH", "currency": "CNH"}),
        ("EUR CASH USD", {"symbol": "EUR", "sec_type": "CASH", "currency": "USD"}),
        ("EUR.USD CFD", {"symbol": "EUR", "sec_type": "CFD", "currency": "USD"}),
        ('"EUR.USD" STK', {"symbol": "EUR.USD", "sec_type": "STK"}),
        ("BTC CRYPTO", {"symbol": "BTC", "sec_type": "CRYPTO"}),
        ("BTC CRYPTO @PAXOS", {"symbol": "BTC", "sec_type": "CRYPTO", "exchange": "PAXOS"}),
        ("XAUUSD CMDTY", {"symbol": "XAUUSD", "sec_type": "CMDTY"}),
        ("IBDE40 CFD EUR", {"symbol": "IBDE40", "sec_type": "CFD", "currency": "EUR"}),
        ("VTSAX FUND", {"symbol": "VTSAX", "sec_type": "FUND"}),
        ("ES 202612", {"symbol": "ES", "sec_type": "FUT", "expiry": "202612"}),
        (
            "ES FUT 20261218 @CME",
            {"symbol": "ES", "sec_type": "FUT", "expiry": "20261218", "exchange": "CME"},
        ),
        (
            "ES 20261218 P 5550 FOP @CME EW3",
            {
                "symbol": "ES", "sec_type": "FOP", "expiry": "20261218", "right": "P",
                "strike": Decimal(5550), "exchange": "CME", "trading_class": "EW3",
            },
        ),
        (
            "SPX (SPXW) 20261218 P 5600",
            {
                "symbol": "SPX", "sec_type": "OPT", "expiry": "20261218", "right": "P",
                "strike": Decimal(5600), "trading_class": "SPXW",
            },
        ),
        (
            "7203 20261218 C 2500 @OSE.JPN JPY",
            {
                "symbol": "7203", "sec_type": "OPT", "expiry": "20261218", "right": "C",
                "strike": Decimal(2500), "exchange": "OSE.JPN", "currency": "JPY",
            },
        ),
        (
            "DAX WAR 20261218 C 20000 @FWB EUR",
            {
                "symbol": "DAX", "sec_type": "WAR", "expiry": "20261218", "right": "C",
                "strike": Decimal(20000), "exchange": "FWB", "currency": "EUR",
            },
        ),
        (
            "BTC 202612 201012P",
            {
                "symbol": "BTC", "sec_type": "OPT", "expiry": "202612", "right": "P",
                "strike": Decimal(201012),
            },
        ),
    ],
)  # fmt: skip
def test_a_leg_of_each_kind_is_read(text: str, expected: dict[str, Any]) -> None:
    assert read_leg(text) == Leg(**expected)


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_every_currency_of_iso_4217_is_understood(currency: str) -> None:
    assert read_leg(f"SAP {currency}") == Leg(symbol="SAP", currency=currency)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "no contract id"),
        ("99999999999", "no contract id"),
        ("SPY P", "needs expiry, right and strike"),
        ("SPY 560", "needs expiry, right and strike"),
        ("SPY 20261218 P", "needs expiry, right and strike"),
        ("761 762", "contract ids are separated by commas"),
        ("SPY 20261218 P 560 570", "says twice what its strike is: 570"),
        ("SPY EUR USD", "says twice what its currency is: USD"),
        ("SPY STK 20261218", "STK has no expiry"),
        ("EUR.USD CASH 20261218", "a pair of currencies has no expiry"),
        ("EUR.USD JPY", "a pair in USD is not in JPY"),
        ("SPY FUT 20261218 P 560", "cannot be FUT"),
        ("SPY 20261318 P 560", "'20261318' is no expiry"),
        ("SPY 20260231 P 560", "'20260231' is no expiry"),
        ("SPY 20261218 P 0", "'0' is no expiry"),
        ("SPY maybe", "'MAYBE' is no expiry"),
        ("SPY @", "'@' is no expiry"),
        ("SPY ()", r"'\(\)' is no expiry"),
        ("US912810 BOND", "a bond is named by its contract id alone"),
        ("US912810 BILL @SMART", "a bill is named by its contract id alone"),
        ("SPY SLB", "a borrowed share is named by its contract id alone"),
        ("SPY BAG", "a combination is no leg"),
        ("@SMART", "does not begin with a symbol"),
        ("(EW3)", "does not begin with a symbol"),
        ("1.5", "does not begin with a symbol or a contract id"),
        ("\u0663", "does not begin with a symbol or a contract id"),
        ("", "does not begin with a symbol"),
        ('"" STK', "is no symbol"),
        ('"SPY', "lacks the other quote"),
        ("SPY (EW3", "lacks the other quote or bracket"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_leg(text)


def test_legs_are_separated_by_commas_semicolons_or_lines_with_remarks() -> None:
    """But not within quotes."""
    text = '761, 762 # the short side, and more\nSPY 20261218 P 560; "A,B;C#D" STK\n\n# nothing\n'
    odd = Leg(symbol="A,B;C#D", sec_type="STK")
    assert read_legs(text) == (Leg(con_id=761), Leg(con_id=762), SPY_PUT, odd)
    with pytest.raises(InputError, match="no leg is named"):
        read_legs(" ,\n# only a remark\n")


SYMBOLS = st.one_of(
    st.from_regex(r"[A-Z]{1,5}", fullmatch=True),
    st.from_regex(r"[A-Z]{1,4} [A-Z]{1,4}", fullmatch=True),
    st.from_regex(r"[0-9]{1,6}", fullmatch=True),
    st.sampled_from(
        ["BRK B", "CIG C", "X BAG", "EUR.USD", "EUR", "STK", "P", "M&M", "^GSPC", "7203"]
    ),
    st.text(st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters='"'), min_size=1)
    .map(str.strip)
    .filter(lambda text: 0 < len(text) <= 40 and text.isprintable()),
)
EXCHANGES = st.one_of(st.just(""), st.from_regex(r"[A-Z0-9._]{1,8}", fullmatch=True))
MONEY = st.one_of(st.just(""), st.sampled_from(sorted(CURRENCIES)))
CLASSES = st.one_of(st.just(""), st.from_regex(r"[A-Za-z0-9._]{1,8}", fullmatch=True))
EXPIRIES = st.dates().filter(lambda d: 2000 <= d.year < 2100).map(lambda d: f"{d:%Y%m%d}") | (
    st.integers(200_001, 209_912).filter(lambda n: 1 <= n % 100 <= 12).map(str)
)
COMMON = {"symbol": SYMBOLS, "exchange": EXCHANGES, "currency": MONEY, "trading_class": CLASSES}
LEGS = st.one_of(
    st.builds(Leg, con_id=st.integers(1, 2**31 - 1)),
    st.builds(
        Leg,
        **COMMON,
        sec_type=st.sampled_from(sorted(OPTIONS)),
        expiry=EXPIRIES,
        right=st.sampled_from("CP"),
        strike=st.decimals("0.000001", 9_999_999, places=6)
        | st.integers(1, 9_999_999).map(Decimal),
    ),
    st.builds(Leg, **COMMON, sec_type=st.just("FUT"), expiry=st.just("") | EXPIRIES),
    st.builds(Leg, **COMMON, sec_type=st.sampled_from(sorted({"", *KINDS} - OPTIONS - {"FUT"}))),
)


@given(LEGS)
def test_what_a_leg_says_of_itself_is_read_as_the_same_leg(leg: Leg) -> None:
    assert read_leg(leg.label) == leg
    assert read_legs(f"{leg.label}, {leg.label} # twice") == (leg, leg)


WORDS = st.lists(
    st.sampled_from(
        ["BRK", "B", "C", "P", "STK", "FOP", "CASH", "BOND", "BAG", "EUR", "USD", "EUR.USD", "700",
         "20261218", "202612", "2026-12", "560", "560P", "201012", "0", "@CME", "@", "(EW3)", "EW3",
         '"CIG C"', '"', "(", ")", "x y", "ß", "#", ",", ";", "\n", "\u2028", "é", "1.5", "-1"]
    ),
    max_size=7,
).map(" ".join)  # fmt: skip


@given(st.text(max_size=60) | WORDS)
def test_any_text_is_a_leg_or_a_clear_word_about_it(text: str) -> None:
    """And a leg is written as a text that is read as the same leg."""
    message = ""
    try:
        legs = read_legs(text)
    except InputError as error:
        legs, message = (), str(error)
    assert bool(legs) != bool(message)
    assert len(message.splitlines()) <= 1
    for leg in legs:
        assert read_leg(leg.label) == leg
