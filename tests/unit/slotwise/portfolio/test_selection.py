"""Which rows are shown, and in which order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from slotwise.errors import InputError, NotKnownError
from slotwise.portfolio.grouping import expiry_words, read_grouping
from slotwise.portfolio.price import price_of
from slotwise.portfolio.row import PortfolioRow, portfolio_row
from slotwise.portfolio.selection import (
    ALIASES,
    SORTED_BY,
    Selection,
    read_expiring,
    selected,
    sorted_rows,
)
from slotwise.portfolio.underlying import Underlying
from tests.support.values import at, contract, option, position, quote

FRIDAY = date(2026, 11, 27)


def rows() -> list[PortfolioRow]:
    """A share, two options of two expiries and strategies, a future in another account."""
    made: list[tuple[Any, tuple[str, ...], str | None, str]] = [
        (contract(1, symbol="SPY"), ("put", "condor"), "700", "DU1"),
        (option(2, symbol="SPY"), ("condor",), "3", "DU1/Growth"),
        (option(3, symbol="QQQ", expiry="20261130"), (), None, "DU1"),
        (contract(4, symbol="ES", sec_type="FUT", expiry="202612"), (), "5000", "DU22"),
    ]
    return [
        portfolio_row(
            position(one.con_id, contract=one, account=account),
            price_of(None if bid is None else quote(one.con_id, bid=bid, ask=bid)),
            strategies=strategies,
        )
        for one, strategies, bid, account in made
    ]


def ids(**criteria: Any) -> list[int]:
    return [row.con_id for row in selected(rows(), Selection(**criteria))]


def test_each_criterion_takes_several_names_and_no_case() -> None:
    assert ids(symbols=("spy", "ES")) == [1, 2, 4]
    assert ids(strategies=("CONDOR",)) == [1, 2]
    assert ids(strategies=("unassigned",)) == [3, 4]
    assert ids(kinds=("options",)) == ids(kinds=("OPT",)) == ids(kinds=("option",)) == [2, 3]
    assert ids(symbols=("SPY",), kinds=("OPT",)) == [2]


def test_an_account_stands_for_its_models() -> None:
    assert ids(accounts=("DU1",)) == [1, 2, 3]
    assert ids(accounts=("DU1/Growth",)) == [2]


@pytest.mark.parametrize(
    "criteria",
    [{"symbols": ("XX",)}, {"strategies": ("nix",)}, {"accounts": ("DU9",)}, {"kinds": ("gold",)}],
)
def test_a_name_that_no_holding_has_is_an_error(criteria: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(NotKnownError, match="no holding has"):
        ids(**criteria)


def test_what_expires_in_a_time_is_chosen_by_day_or_month() -> None:
    assert ids(expiring=read_expiring("7d", FRIDAY)) == [3, 4]
    assert ids(expiring=read_expiring("2026-12", FRIDAY)) == [2, 4]
    assert ids(expiring=read_expiring("2026-12-18", FRIDAY)) == [2, 4]
    assert ids(expiring=read_expiring("today", FRIDAY)) == []


def test_days_of_expiring_are_read_as_people_write_them() -> None:
    assert read_expiring("this week", FRIDAY) == (FRIDAY, date(2026, 11, 29))
    assert read_expiring("0", FRIDAY) == (FRIDAY, FRIDAY)
    assert read_expiring("202602", FRIDAY) == (date(2026, 2, 1), date(2026, 2, 28))
    for text in ("soon", "2026-13", "99999", ""):
        with pytest.raises(InputError, match="--expiring"):
            read_expiring(text, FRIDAY)


def test_rows_sort_both_ways_with_the_unknown_last() -> None:
    found = sorted_rows(rows(), "market-value", at(0))
    assert [row.con_id for row in found] == [2, 1, 4, 3]
    assert found == sorted_rows(rows(), "value", at(0))
    found = sorted_rows(rows(), "-market_value", at(0))
    assert [row.con_id for row in found] == [4, 1, 2, 3]
    assert sorted_rows(rows(), "-age", at(0))[-1].con_id == 3
    for name in (*SORTED_BY, *ALIASES):
        assert len(sorted_rows(rows(), f"-{name}", at(0))) == len(rows())
    with pytest.raises(InputError, match="--sort"):
        sorted_rows(rows(), "beauty", at(0))


def test_a_grouping_names_one_or_two_properties() -> None:
    assert read_grouping("strategy, Expiry") == ("strategy", "expiry")
    assert read_grouping("") == ()
    for text in ("beauty", "kind,kind", "kind,account,currency"):
        with pytest.raises(InputError, match="--by"):
            read_grouping(text)


def test_an_expiry_is_written_as_a_date_or_a_month() -> None:
    assert [expiry_words(text) for text in ("20261218", "202612", "")] == [
        "2026-12-18", "2026-12", "no expiry",
    ]  # fmt: skip


def test_a_value_of_a_share_is_its_dollar_delta() -> None:
    share = rows()[0]
    assert share.dollar_delta == share.market_value == Decimal(7000)


@pytest.mark.parametrize(
    ("quantity", "spot", "near"),
    [(-1, "565", True), (-1, "571.5", False), (-1, None, True), (1, "560", False)],
)
def test_short_options_near_their_underlying_are_chosen(
    quantity: int, spot: str | None, near: bool
) -> None:
    """Within two percent of a strike of 560; one whose underlying has no price may be near."""
    row = portfolio_row(
        position(1, quantity, contract=option(1)),
        price_of(None),
        underlying=None if spot is None else Underlying(Decimal(spot)),
    )
    share = portfolio_row(position(2, -1), price_of(None))
    found = selected([row, share], Selection(near=Decimal(2)))
    assert found == ([row] if near else [])
