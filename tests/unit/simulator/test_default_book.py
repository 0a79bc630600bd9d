"""The default book: any size, whole condors, the same for a seed and a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest

from tests.support.effort import examples
from tests.unit.simulator.in_memory import TUESDAY
from tws_simulator.book.default_book import ACCOUNT, catalogue_universe, default_book
from tws_simulator.book.default_kinds import other_kinds
from tws_simulator.book.position import Position
from tws_simulator.instruments.expiries import future_expiry, option_expiries
from tws_simulator.market.calendar import AlwaysOpen
from tws_simulator.market.market import Market

TODAY = datetime.fromtimestamp(TUESDAY, UTC).date()


def book(count: int, seed: int = 1, today: date = TODAY) -> tuple[Position, ...]:
    """Make a book in a world of its own."""
    universe = catalogue_universe(today, {})
    return default_book(universe, Market(universe, AlwaysOpen(), seed), today, count, seed)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 199, 5_000])
def test_it_has_as_many_positions_as_asked_for_each_on_its_own_contract(count: int) -> None:
    """No contract is held twice, none in a quantity of nothing."""
    positions = book(count)
    assert len(positions) == count
    assert len({p.contract.con_id for p in positions}) == count
    assert all(p.quantity and p.avg_cost > 0 and p.account == ACCOUNT for p in positions)


@pytest.mark.parametrize("seed", range(1, 1 + examples(1)))
def test_the_largest_book_can_be_filled(seed: int) -> None:
    """50,000 positions do not run out of strikes."""
    assert len({p.contract.con_id for p in book(50_000, seed)}) == 50_000


def test_it_is_the_same_for_a_seed_and_a_day() -> None:
    """Whenever it is made; another seed or day gives another."""
    assert book(300) == book(300)
    assert book(300) != book(300, seed=2)
    assert book(300) != book(300, today=date(2027, 3, 1))


@pytest.mark.parametrize("count", [40, 200, 5_000])
def test_most_of_it_is_whole_iron_condors(count: int) -> None:
    """Two puts and two calls of one underlying and expiry, long outside and short inside."""
    groups = defaultdict(list)
    for position in book(count):
        if position.contract.right:
            groups[position.contract.symbol, position.contract.expiry].append(position)
    condors = 0
    for legs in groups.values():
        for n in range(len(legs) - 3):
            four = legs[n : n + 4]
            shape = [(p.contract.right, p.quantity > 0) for p in four]
            sizes = {abs(p.quantity) for p in four}
            strikes = [p.contract.strike for p in four]
            if (
                shape == [("P", True), ("P", False), ("C", False), ("C", True)]
                and len(sizes) == 1
                and strikes == sorted(strikes)
            ):
                condors += 1
    assert condors * 4 >= 0.55 * count


def test_it_has_options_on_several_underlyings_and_expiries_stocks_and_an_index_future() -> None:
    """As a user with 200 positions might."""
    positions = book(200)
    kinds = Counter(p.contract.sec_type for p in positions)
    futures = [p.contract.symbol for p in positions if p.contract.sec_type == "FUT"]
    assert futures[0] == "ES"
    assert kinds["STK"] >= 5
    assert {p.contract.symbol for p in positions if p.contract.right} >= {
        "SPY", "QQQ", "IWM", "SPX",
    }  # fmt: skip
    assert len({p.contract.expiry for p in positions if p.contract.right}) >= 3


def test_it_has_one_of_each_other_kind() -> None:
    """Shares in pence and yen, corn, options of CME and EUREX alone, debt, a coin, a pair."""
    held = {(p.contract.symbol, p.contract.sec_type): p.contract for p in book(200)}
    assert held["RR.", "STK"].price_magnifier == held["ZC", "FUT"].price_magnifier == 100
    assert held["ES", "FOP"].exchange == "CME"
    assert (held["ESTX50", "OPT"].exchange, held["ESTX50", "OPT"].currency) == ("EUREX", "EUR")
    assert held["US-T", "BOND"].listing.coupon == "0.25"
    assert held["IBUS500", "CFD"].exchange == "SMART"
    assert held["MBT", "FUT"].multiplier_text == "0.1"
    assert {("US-T", "BILL"), ("BTC", "CRYPTO"), ("EUR", "CASH"), ("7203", "STK")} <= set(held)


@pytest.mark.parametrize("count", [0, 12, 20, 26])
def test_a_small_book_has_none_of_them(count: int) -> None:
    """Condors, options, stocks and the index future come first."""
    positions = book(count)
    assert {p.contract.sec_type for p in positions} <= {"OPT", "STK", "FUT"}
    assert all(p.contract.currency == "USD" for p in positions)


@pytest.mark.parametrize("year", range(2026, 2046))
def test_its_dates_lie_ahead_in_every_month(year: int) -> None:
    """Expiries and maturities, whatever the day is."""
    for month in range(1, 13):
        today = date(year, month, 28)
        expiries = [e["expiry"] for e in other_kinds(today) if "expiry" in e]
        assert min(expiries) > f"{today:%Y%m%d}"


def test_option_expiries_lie_ahead_and_are_fridays() -> None:
    """Whatever the day is."""
    for ordinal in range(date(2026, 11, 1).toordinal(), date(2027, 2, 1).toordinal()):
        today = date.fromordinal(ordinal)
        expiries = [datetime.strptime(day, "%Y%m%d").date() for day in option_expiries(today)]
        assert len(expiries) == len(set(expiries)) >= 15
        assert all(day.weekday() == 4 and (day - today).days >= 3 for day in expiries)


@pytest.mark.parametrize(
    ("today", "expiry"),
    [(date(2026, 11, 10), "20261218"), (date(2026, 12, 11), "20270319"),
     (date(2027, 3, 1), "20270319")],
)  # fmt: skip
def test_the_future_is_rolled_before_it_expires(today: date, expiry: str) -> None:
    """From eight days before the third Friday of a quarter on, the next one is held."""
    assert future_expiry(today) == expiry
