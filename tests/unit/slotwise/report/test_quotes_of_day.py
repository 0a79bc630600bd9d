"""How old quotes were, read from `quotes`."""

from __future__ import annotations

from collections import defaultdict
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.store import Lake
from slotwise.report.quotes_of_day import GAPS_NAMED, NewestQuote, ages, quotes_of_day
from slotwise.report.span import BUCKET, Span, day_span
from tests.support.day_rows import quoted
from tests.support.landed import put
from tests.support.values import NOON, at

BUCKET_S = BUCKET.total_seconds()


def test_ages_are_those_at_the_end_of_each_bucket(lake: Lake, span: Span) -> None:
    put(lake, "quotes", [quoted(1, at(0)), quoted(1, at(100)), quoted(2, at(400))])
    found = quotes_of_day(lake, span)
    assert (found.quotes, found.contracts, found.delayed) == (3, 2, 0)
    first, second = found.ages[:2]
    assert (first.begin, first.contracts, first.oldest_s) == (NOON, 1, 200.0)
    assert (second.contracts, second.median_s, second.oldest_s) == (2, 200.0, 500.0)
    assert found.ages[-1].oldest_s == 43_100.0


def test_quotes_of_other_days_do_not_count(lake: Lake, span: Span) -> None:
    put(lake, "quotes", [quoted(1, at(-43_201)), quoted(2, at(43_200)), quoted(3, at(0))])
    assert quotes_of_day(lake, span).contracts == 1


def test_quotes_of_lines_are_none_in_turn(lake: Lake, span: Span) -> None:
    put(lake, "quotes", [quoted(1, at(0)), quoted(2, at(0), source="stream")])
    assert quotes_of_day(lake, span).contracts == 1


def test_the_longest_wait_of_each_contract_is_named(lake: Lake) -> None:
    """Also the one that goes on."""
    reported = [quoted(1, at(s)) for s in (0, 50, 250, 260)] + [quoted(2, at(10), delayed=True)]
    put(lake, "quotes", reported)
    found = quotes_of_day(lake, day_span(None, "UTC", at(300)))
    assert [(gap.con_id, gap.begin, gap.seconds) for gap in found.gaps] == [
        (2, at(10), 290.0),
        (1, at(50), 200.0),
    ]
    assert found.delayed == 1


def test_only_the_worst_are_named(lake: Lake, span: Span) -> None:
    put(lake, "quotes", [quoted(n, at(n)) for n in range(1, GAPS_NAMED + 5)])
    assert [gap.con_id for gap in quotes_of_day(lake, span).gaps] == list(range(1, GAPS_NAMED + 1))


def test_one_of_twenty_may_be_older_than_most() -> None:
    span = day_span(None, "UTC", at(100))
    [bucket] = ages([NewestQuote(144, n, at(100 - n)) for n in range(1, 21)], span)
    assert (bucket.median_s, bucket.p95_s, bucket.oldest_s) == (10.0, 19.0, 20.0)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3000)), min_size=1, max_size=60))
def test_ages_agree_with_a_recount(reported: list[tuple[int, int]]) -> None:
    """Of every contract, at the end of every bucket; ranks by counting."""
    span = day_span(None, "UTC", at(3333))
    newest: dict[tuple[int, int], int] = {}
    for con_id, second in reported:
        key = (int((at(second) - span.begin) / BUCKET), con_id)
        newest[key] = max(newest.get(key, second), second)
    rows = [NewestQuote(b, con_id, at(s)) for (b, con_id), s in sorted(newest.items())]
    found = ages(rows, span)
    for bucket in found:
        ends = min((bucket.begin - NOON).total_seconds() + BUCKET_S, 3333)
        last: dict[int, int] = defaultdict(lambda: -1)
        for con_id, second in reported:
            if second < ends:
                last[con_id] = max(last[con_id], second)
        ranked = sorted(ends - second for second in last.values())
        assert bucket.contracts == len(ranked)
        assert bucket.oldest_s == pytest.approx(ranked[-1])
        for part, age_s in ((0.5, bucket.median_s), (0.95, bucket.p95_s)):
            least = ranked[ceil(part * len(ranked)) - 1]
            assert age_s == pytest.approx(least), "so many are as young, and no fewer"
    first = min(second for _, second in reported)
    assert found[0].begin <= at(first) < found[0].begin + BUCKET
