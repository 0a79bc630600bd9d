"""The portfolio's table: what it shows, and that it fits."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.parse_time import read_zone
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.grouping import GROUPINGS, Portfolio, portfolio
from slotwise.portfolio.opening import Openings
from slotwise.portfolio.price import Price, price_of
from slotwise.portfolio.sums import MEASURES
from slotwise.portfolio.words import ages_words, notes
from slotwise.position import Position, Unknown
from tests.support.values import NOON, at, contract, option, position, quote
from workers.commands.portfolio_table import Look, chosen_columns, measures_in, table_lines
from workers.commands.portfolio_watch import CPU_SHARE, INTERVAL_S, pause_s

RATES = Rates(
    ExchangeRate(
        account="DU1", currency=name, base_currency="USD", rate=Decimal(rate), observed_at=at(-40)
    )
    for name, rate in (("USD", "1"), ("GBP", "1.25"))
)


def example(by: tuple[str, ...] = ("strategy",)) -> Portfolio:
    """A share that is an underlying, a put on it, a share in pence, one never quoted."""
    greeks = {"delta": -0.25, "gamma": 0.01, "vega": 0.5, "theta": -0.125}
    pence = contract(4, symbol="GAW", currency="GBP", price_magnifier=100)
    held: list[tuple[Position, Price]] = [
        (position(1, 100, contract=contract(1, symbol="SPY"), avg_cost=Decimal(690)),
         price_of(quote(1, bid="699.5", ask="700.5", close=695, observed_at=at(-3)))),
        (position(2, -2, contract=option(2), avg_cost=Decimal(250)),
         price_of(quote(2, bid="2.4", ask="2.5", close=3, observed_at=at(-40), **greeks))),
        (position(4, 10, contract=pence, avg_cost=Decimal(41)),
         price_of(quote(4, bid=4290, ask=4300, close=4200, observed_at=at(-600)))),
        (position(3, 1_000, contract=contract(3, symbol="NONE")), price_of(None)),
    ]  # fmt: skip
    rows = portfolio_rows(
        [one for one, _ in held],
        {one.contract.con_id: price for one, price in held},
        at=NOON,
        strategies={2: ("put",)},
        openings=Openings(known=True, begun=False),
    )
    return portfolio(rows, RATES, NOON, by)


def lines(width: int, **look: object) -> list[str]:
    return list(table_lines(example(), Look(width=width, **look)))  # type: ignore[arg-type]  # fields of Look


def test_the_table_at_80_columns() -> None:
    assert lines(80) == [
        "                         price            age    value  day P&L  open P&L",
        "total GBP                  1/1  oldest 10 min      430       10        20  GBP",
        "total USD                  2/3    oldest 40 s  69,510?     610?    1,010?  USD",
        "total in USD               3/4  oldest 10 min  70,047?     622?    1,034?  USD",
        "put                        1/1    oldest 40 s     -490      110        10  USD",
        "  SPY 20261218 P 560      2.45      40 s late     -490      110        10  USD",
        "unassigned                 2/3  oldest 10 min  70,537?     512?    1,024?  USD",
        "  SPY                   700.00      3 s fresh   70,000      500     1,000  USD",
        "  GAW GBP             4,295.00   10 min stale      430       10        20  GBP",
        "  NONE                       ?        unknown        ?        ?         ?  USD",
    ]


def test_money_of_one_currency_alone_has_its_name() -> None:
    """No column repeats it on every line, so the total has it."""
    row = example().total.rows[0]
    alone = portfolio([row], Rates(), NOON, ("strategy",))
    shown = list(table_lines(alone, Look(width=80)))
    assert "currency" not in dict(chosen_columns(alone, Look(width=80)))
    assert shown[1].startswith(f"total {row.currency} ")


def test_an_option_on_an_index_has_its_strike_in_80_columns() -> None:
    """Also where a price by the model has many digits; what is cut keeps its end."""
    names = [("SPX", "", "6640"), ("SPX", "", "6650"), ("ES", "FOP", "6750"), ("ES", "FOP", "6760")]
    held, prices = [], {}
    for con_id, (symbol, kind, strike) in enumerate(names, 1):
        sold = option(con_id, symbol=symbol, strike=Decimal(strike), multiplier=Decimal(100))
        sold = msgspec.structs.replace(sold, sec_type=kind or "OPT", trading_class=symbol)
        held.append(position(con_id, -17, contract=sold, avg_cost=Decimal("7210.55")))
        priced = quote(con_id, bid="1071.6755", ask="1071.6765", close=81, observed_at=at(-41))
        prices[con_id] = price_of(priced)
    rows = portfolio_rows(
        held, prices, at=NOON, strategies={}, openings=Openings(known=True, begun=False)
    )
    shown = list(table_lines(portfolio(rows, Rates(), NOON, ("strategy",)), Look(width=80)))
    assert max(map(len, shown)) <= 80
    for strike in ("SPX 20261218 P 6640 ", "SPX 20261218 P 6650 ", "P 6750 ", "P 6760 "):
        assert sum(strike in line for line in shown) == 1, shown


def test_sums_come_first_and_say_how_many_are_priced_and_how_old() -> None:
    shown = lines(120)
    assert [line.split("  ")[0] for line in shown[1:4]] == [
        "total GBP", "total USD", "total in USD",
    ]  # fmt: skip
    assert "2/3" in shown[2]
    assert "oldest 40 s" in shown[2]
    assert "3/4" in shown[3]


def test_a_row_shows_price_age_and_money() -> None:
    [put] = [line for line in lines(160, view="greeks") if "SPY 20261218 P 560" in line]
    assert put.split() == [
        "SPY", "20261218", "P", "560", "-2", "2.45", "40", "s", "late", "?", "-490.00", "110.00",
        "10.00", "35,000.00", "-9,800.00", "-100.00", "25.00", "USD", "mid", "11:59:20", "2",
    ]  # fmt: skip


def test_what_is_unknown_is_a_question_mark_and_its_sum_says_so() -> None:
    [none] = [line for line in lines(120) if "NONE" in line]
    assert none.split()[1:4] == ["1,000", "?", "unknown"]
    [usd] = [line for line in lines(120) if line.startswith("total USD")]
    assert "69,510.00?" in usd


def test_times_are_in_the_zone() -> None:
    shown = "\n".join(lines(160, zone=read_zone("America/New_York")))
    assert "07:59:57" in shown


def test_colour_stands_for_the_word_and_never_alone() -> None:
    plain, coloured = lines(120), lines(120, coloured=True)
    assert any("\x1b[32m" in line for line in coloured)
    assert [re.sub("\x1b\\[[0-9]*m", "", line).rstrip() for line in coloured] == plain


@given(
    st.integers(60, 200),
    st.sampled_from(("money", "greeks")),
    st.booleans(),
    st.permutations(sorted(GROUPINGS)).map(lambda names: tuple(names[:2])),
)
def test_no_line_is_wider_than_the_screen(
    width: int, view: str, with_rows: bool, by: tuple[str, ...]
) -> None:
    look = Look(width=width, view=view, with_rows=with_rows)
    for line in table_lines(example(by), look):
        assert cell_len(line) <= width


def test_notes_name_what_the_numbers_lack() -> None:
    found = example()
    assert ages_words(found.total.rows, NOON) == "prices: 1 fresh, 1 late, 1 stale, 1 unknown"
    words = notes(
        found.total,
        NOON,
        positions_at=NOON - timedelta(seconds=200),
        unknown={"DU1": Unknown(at(-100), "TWS is silent")},
        closed_today=2,
    )
    assert words == [
        "positions of DU1 unknown since 11:58:20 UTC: TWS is silent",
        "positions are 3 min old: the gateway reads none",
        "no price: NONE",
        "day P&L counts 4 holdings as held since the close before: the record begins today",
        "closed today: 2 holdings, and what was gained is in no sum",
        "rates to USD up to 40 s old",
        "? behind a sum: it lacks holdings whose number is unknown",
    ]


def test_what_no_base_currency_counts_is_reported() -> None:
    """A currency without a name, and an account whose base currency is unknown."""
    rows = example().total.rows
    nameless = msgspec.structs.replace(rows[0], currency="")
    stranger = msgspec.structs.replace(rows[1], account="DU9")
    found = portfolio((nameless, stranger, *rows[2:]), RATES, NOON)
    words = notes(found.total, NOON, positions_at=None, unknown={}, closed_today=0)
    assert any(line.startswith("no rate of no currency to USD") for line in words)
    assert (
        "1 holding of accounts whose base currency is unknown: in no sum of a base currency"
    ) in words
    names = [line[:18].rstrip() for line in table_lines(found, Look(with_rows=False))]
    assert "total no currency" in names


def test_accounts_distinguish_holdings_of_one_contract() -> None:
    row = example().total.rows[0]
    twice = (row, msgspec.structs.replace(row, account="DU2"))
    shown = list(table_lines(portfolio(twice, RATES, NOON, ()), Look(width=60)))
    assert [line.split()[-1] for line in shown[-2:]] == ["DU1", "DU2"]


def test_40_columns_have_price_and_age_and_no_empty_column() -> None:
    for line in (shown := lines(40)):
        assert cell_len(line) <= 40
    assert shown[0].split() == ["price", "age"]
    assert all(line.split()[-1] in ("s", "min", "unknown", "fresh", "late", "stale")
               for line in shown[1:])  # fmt: skip


def test_notes_are_of_the_columns_that_are_shown() -> None:
    """Greeks that are known lack nothing, and of the profit of the day nothing is shown."""
    found = example(())
    columns = chosen_columns(found, Look(width=62, view="greeks", with_rows=False))
    assert "day_pnl" not in measures_in(columns)
    assert "dollar_delta" in measures_in(columns)
    words = notes(
        found.total, NOON, positions_at=None, unknown={}, closed_today=2,
        measures=[name for name in MEASURES if name in ("gamma", "theta")],
    )  # fmt: skip
    assert words == ["no price: NONE", "rates to USD up to 40 s old"]


def test_short_strikes_near_spot_have_all_their_greeks_in_80_columns() -> None:
    options = [row for row in example().total.rows if row.sector == "options"]
    shown = table_lines(portfolio(options, RATES, NOON, ()), Look(width=80, view="near"))
    header = next(shown).split()
    assert {"quantity", "age", "spot", "delta", "gamma", "theta"} <= set(header)


@pytest.mark.parametrize("used_s", [0.001, 0.5, 3.0])
def test_watching_uses_its_share_of_a_core(used_s: float) -> None:
    pause = pause_s(used_s)
    assert pause >= INTERVAL_S
    assert used_s / (used_s + pause) <= CPU_SHARE


def test_a_group_with_one_group_in_it_is_one_line_with_both_names() -> None:
    shown = list(table_lines(example(("underlying", "expiry")), Look(width=80, with_rows=False)))
    names = [line.split("  ")[0] or line[:14].rstrip() for line in shown[4:]]
    assert names == ["GAW", "NONE", "SPY", "  2026-12-18", "  no expiry"]
    by_kind = list(table_lines(example(("kind", "expiry")), Look(width=80, with_rows=False)))
    assert any(line.startswith("options 2026-12-18  ") for line in by_kind)
