"""A page without news goes through the words of a price's age as the rules give them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.portfolio.price import FRESH_S, LATE_S
from tests.support.values import NOON, at
from tests.unit.web.rows import row
from workers.web.ages import Course, course_of, epoch_ms


def word_at(course: Course, ms: int) -> str | int:
    """Return the word that a page shows; written apart from the page's own code."""
    word = course[0]
    for begins, later in zip(course[1::2], course[2::2], strict=True):
        assert isinstance(begins, int)
        if begins <= ms:
            word = later
    return word


times = st.one_of(st.none(), st.integers(-2_000_000, 0))


@given(
    price_ms=st.integers(-400_000, 0),
    moved_ms=times,
    closed_ms=times,
    source=st.sampled_from(("mid", "last", "close", "model", "kept", "neighbours", "bar")),
    delayed=st.booleans(),
    value=st.sampled_from(("10", None)),
    later_ms=st.one_of(st.integers(0, 400_000), st.sampled_from((15_000, 15_001, 120_001))),
)
def test_course_gives_the_word_of_every_later_moment(
    price_ms: int,
    moved_ms: int | None,
    closed_ms: int | None,
    source: str,
    delayed: bool,
    value: str | None,
    later_ms: int,
) -> None:
    held = row(
        value=value,
        price_at=at(price_ms / 1000),
        moved_at=None if moved_ms is None else at(moved_ms / 1000),
        closed_since=None if closed_ms is None else at(closed_ms / 1000),
        price_source=source,
        delayed=delayed,
    )
    later = NOON + timedelta(milliseconds=later_ms)
    ms = epoch_ms(later)
    assert ms is not None
    assert word_at(course_of(held, NOON), ms) == held.freshness(later)


def test_course_of_a_fresh_price_is_fresh_then_late_then_stale() -> None:
    course = course_of(row(age_s=0), NOON)
    noon = epoch_ms(NOON)
    assert noon is not None
    late, stale = noon + int(FRESH_S * 1000) + 1, noon + int(LATE_S * 1000) + 1
    assert course == ("fresh", late, "late", stale, "stale")


def test_course_of_an_unknown_price_has_one_word() -> None:
    assert course_of(row(value=None), NOON) == ("unknown",)
