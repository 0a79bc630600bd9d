"""A contract's history: points that draw the same line, and what changed, the newest first."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.history import Seen
from slotwise.lake.price_history import Priced
from slotwise.queue_item import QueueRow
from slotwise.rules.data_gaps import DataGap
from tests.support.executed import execution
from tests.support.values import at
from workers.web.ages import epoch_ms
from workers.web.contract_history import MOST_CHANGES, MOST_POINTS, history_of, spread, thinned


def seen(second: int, price: str | None = "5", quantity: int = 1, **changes: Any) -> Seen:
    made = Seen(
        account="DU1234567",
        quantity=Decimal(quantity),
        avg_cost=Decimal("4.50"),
        price=None if price is None else Decimal(price),
        source="poll",
        strategy=None,
        observed_at=at(second),
        landed_at=at(second + 1),
    )
    return msgspec.structs.replace(made, **changes)


def test_history_has_prices_as_points_and_their_range() -> None:
    found = history_of(
        7, [seen(0), seen(1, None), seen(2, "5.125")], [], lambda account: "***567", str
    )
    assert found.points == ((epoch_ms(at(0)), 5.0), (epoch_ms(at(2)), 5.125))
    assert (found.states, found.low, found.high) == (3, "5.00", "5.125")


def test_history_lists_changes_alone_the_newest_first_and_masked() -> None:
    states = [seen(0), seen(1), seen(2, quantity=3), seen(3, quantity=3)]
    found = history_of(7, states, [], lambda account: "***567", str)
    assert [(one.quantity, one.observed_at) for one in found.changes] == [
        ("3", epoch_ms(at(2))), ("1", epoch_ms(at(0))),
    ]  # fmt: skip
    assert {one.account for one in found.changes} == {"***567"}


def test_history_says_what_became_of_queue_items_without_whole_accounts() -> None:
    failed = QueueRow(
        "i", "DU1234567", 7, 2, "failed", 3, 5, at(0), ended_at=at(9), error="DU1234567: no price"
    )
    (item,) = history_of(
        7, [], [failed], lambda account: "***567", lambda text: text.replace("DU1234567", "***567")
    ).items
    assert (item.account, item.state, item.attempt) == ("***567", "failed", 5)
    assert (item.inserted_at, item.ended_at) == (epoch_ms(at(0)), epoch_ms(at(9)))
    assert item.error == "***567: no price"


def test_history_of_nothing_is_empty() -> None:
    found = history_of(7, [], [], str, str)
    assert (found.states, found.points, found.low, found.changes) == (0, (), None, ())


def test_history_draws_quotes_and_marks_with_their_band_and_dots_where_the_quantity_changed() -> (
    None
):
    prices = [
        Priced(at=at(1), value=4.0, by="quote"), Priced(at=at(2), value=6.0, by="mark", band=0.25),
    ]  # fmt: skip
    states = [seen(0), seen(3, None, quantity=4), seen(4, None, quantity=2)]
    found = history_of(7, states, [], str, str, prices=prices)
    times = [epoch_ms(at(second)) for second in range(5)]
    assert found.points == ((times[0], 5.0), (times[1], 4.0), (times[2], 6.0))
    assert found.band == ((times[2], 5.75, 6.25),)
    assert found.fills == ((times[4], -2.0, 6.0, True), (times[3], 3.0, 6.0, True))
    assert (found.low, found.high) == ("4.00", "6.00")


def test_fills_of_history_are_executions_where_they_are_known() -> None:
    states = [seen(0), seen(3, None, quantity=4), seen(4, None, quantity=2)]
    found = history_of(
        7, states, [], str, str, executions=[execution(7, 3, "5.5", 2, account="DU1234567")]
    )
    times = [epoch_ms(at(second)) for second in range(5)]
    assert found.fills == ((times[4], -2.0, 5.5, True), (times[2], 3.0, 5.5, False))


def test_history_says_when_it_was_not_seen_the_newest_first() -> None:
    gaps = [
        DataGap(con_id=7, begin=at(0), end=at(2), event="gave_way", reason="for DU1234567"),
        DataGap(con_id=7, begin=at(3), end=None, event="opened", reason="", known=False),
    ]
    found = history_of(
        7, [], [], str, lambda text: text.replace("DU1234567", "***567"), gaps=gaps
    ).gaps
    assert [(one.begin, one.end) for one in found] == [
        (epoch_ms(at(3)), None), (epoch_ms(at(0)), epoch_ms(at(2))),
    ]  # fmt: skip
    assert [one.known for one in found] == [False, True]
    assert (found[1].event, found[1].reason) == ("gave way", "for ***567")


@given(st.lists(st.integers(), max_size=3 * MOST_POINTS))
def test_points_spread_evenly_are_no_more_than_fit_and_the_last_stays(points: list[int]) -> None:
    kept = spread(points)
    assert len(kept) <= MOST_POINTS
    assert kept[-1:] == tuple(points[-1:])
    if len(points) <= MOST_POINTS:
        assert kept == tuple(points)


def test_history_lists_the_newest_changes() -> None:
    states = [seen(second, quantity=second) for second in range(MOST_CHANGES + 5)]
    found = history_of(7, states, [], str, str)
    assert len(found.changes) == MOST_CHANGES
    assert found.changes[0].quantity == str(MOST_CHANGES + 4)


@given(st.lists(st.floats(-1e6, 1e6), max_size=3 * MOST_POINTS))
def test_thinned_points_keep_the_range_the_order_and_no_more_than_fit(prices: list[float]) -> None:
    points = list(enumerate(prices))
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS
    assert list(kept) == sorted(kept)
    assert set(kept) <= set(points)
    if prices:
        values = [price for _, price in kept]
        assert (min(values), max(values)) == (min(prices), max(prices))
