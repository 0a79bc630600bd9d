"""Lines recounted from the simulator's ledger, against a plain model of an account."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.stack.ledger import (
    IN_TURN_S,
    LedgerEvent,
    LedgerTail,
    LineCount,
    Recount,
    read_ledger,
)

LIMIT = 3


def recount(events: Iterable[LedgerEvent], limit: int = 0) -> LineCount:
    """Add events up; `limit` is what to say when there are none."""
    total = Recount(limit)
    for event in events:
        total.add(event)
    return total.count()


requests = st.tuples(
    st.sampled_from(["open", "snapshot", "cancel", "end", "restart"]),
    st.integers(1, 2),
    st.integers(1, 4),
)


def play(asked: list[tuple[str, int, int]]) -> tuple[list[LedgerEvent], LineCount]:
    """Play an account of three lines: return its ledger, and what must be counted."""
    events: list[LedgerEvent] = []
    lines: dict[tuple[int, int], str] = {}
    held, used = [0], [0]
    run = quotes = made = cancels = rejected = 0
    for what, client_id, req_id in asked:
        line = (client_id, req_id)
        event = what
        if what == "restart":
            run += 1
            lines = {}
            continue
        if what in ("open", "snapshot"):
            if line in lines:
                continue  # TWS refuses a request id in use in another way
            made += 1
            if len(lines) >= LIMIT:
                event = "reject"
                rejected += 1
            else:
                lines[line] = what
                quotes += what == "snapshot"
        elif line in lines:
            del lines[line]
            cancels += what == "cancel"
        else:
            continue
        held.append(list(lines.values()).count("open"))
        used.append(len(lines))
        events.append(
            LedgerEvent(
                float(len(events)),
                client_id,
                event,
                req_id,
                100 + req_id,
                len(lines),
                LIMIT,
                str(run),
            )
        )
    # A run without an event is not in the ledger: what was held before it is all one can know.
    return events, LineCount(
        LIMIT, held[-1], max(held), max(used), quotes, made, cancels, rejected, 0
    )


@given(st.lists(requests, max_size=40))
def test_a_ledger_adds_up_to_what_the_account_did(asked: list[tuple[str, int, int]]) -> None:
    """Also when the simulator was restarted, which closes every line without an event."""
    events, expected = play(asked)
    assert recount(events, LIMIT) == expected


@given(st.integers(0, 2))
def test_a_line_opened_in_secret_is_a_contradiction(lost: int) -> None:
    """A ledger that lost the opening of a line that is held cannot add up."""
    events, _ = play([("open", 1, 1), ("snapshot", 1, 2), ("open", 1, 3), ("cancel", 1, 1)])
    del events[lost]
    assert recount(events).contradictions > 0


def test_the_peak_is_the_simulators_word_where_it_says_more() -> None:
    event = LedgerEvent(0.0, 1, "open", 1, 101, 7, 100)
    counted = recount([event])
    assert (counted.used_peak, counted.contradictions) == (7, 1)


def test_without_events_there_is_only_the_limit_that_was_given() -> None:
    assert recount([], 100) == LineCount(100, 0, 0, 0, 0, 0, 0, 0, 0)


def write(path: Path, events: list[LedgerEvent]) -> None:
    with path.open("ab") as ledger:
        for event in events:
            ledger.write(msgspec.json.encode(event) + b"\n")


STORY = play([("open", 1, 1), ("open", 1, 2), ("cancel", 1, 1), ("restart", 0, 0), ("open", 1, 1)])


def test_a_ledger_reads_back_and_a_line_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    assert read_ledger(path) == []
    write(path, STORY[0])
    with path.open("ab") as ledger:
        ledger.write(b'{"t": 1.0, "clie')
    assert read_ledger(path) == STORY[0]


def test_a_growing_ledger_is_counted_as_if_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    tail = LedgerTail(path, LIMIT)
    assert tail.count() == recount([], LIMIT)
    for number, event in enumerate(STORY[0], 1):
        write(path, [event])
        assert tail.count() == recount(STORY[0][:number]) == tail.count()


def test_a_line_under_way_is_counted_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    tail = LedgerTail(path, LIMIT)
    line = msgspec.json.encode(STORY[0][0]) + b"\n"
    path.write_bytes(line[:20])
    assert tail.count().requests == 0
    with path.open("ab") as ledger:
        ledger.write(line[20:])
    assert tail.count().requests == 1


def test_recount_counts_what_is_refused_with_lines_left_as_no_want_of_a_line() -> None:
    """As while another session has the market data."""
    events = [LedgerEvent(0.0, 1, "reject", 5, 105, held, LIMIT) for held in (0, LIMIT - 1)]
    assert recount(events).rejected == 0
    assert recount(events).requests == 2


def lines_of(*events: tuple[float, str, int]) -> list[LedgerEvent]:
    """Write a ledger of events at their times, of contracts of their own."""
    held, made = 0, []
    for at, what, con_id in events:
        held += 1 if what in ("open", "snapshot") else -1
        made.append(LedgerEvent(at, 1, what, con_id, con_id, held, 100, "0"))
    return made


def test_streams_of_others_than_the_active_contracts_are_quotes_in_turn() -> None:
    counted = Recount(100)
    counted.activate([1, 2])
    for event in lines_of(
        (0, "open", 1), (1, "open", 3), (2, "snapshot", 4), (3, "open", 2), (4, "cancel", 3)
    ):
        counted.add(event)
    found = counted.count()
    assert (found.held, found.peak, found.used_peak, found.quotes) == (2, 2, 4, 2)
    assert found.overlong == 0


@pytest.mark.parametrize("ends", [True, False])
def test_a_stream_of_another_contract_that_lasts_is_overlong(ends: bool) -> None:
    """Whether it has ended or not; the active one may last."""
    counted = Recount(100)
    counted.activate([1])
    last = (IN_TURN_S + 2, "cancel", 3) if ends else (IN_TURN_S + 2, "snapshot", 4)
    for event in lines_of((0, "open", 1), (1, "open", 3), last):
        counted.add(event)
    assert counted.count().overlong == 1


def test_what_was_open_before_a_contract_became_active_is_held_from_then_on() -> None:
    counted = Recount(100)
    counted.activate([])
    for event in lines_of((0, "open", 1), (0, "open", 2)):
        counted.add(event)
    assert counted.count().held == 0
    counted.activate([2])
    assert counted.count().held == 1


def test_a_line_of_a_strategy_that_is_closed_has_time_to_close() -> None:
    """However long it was held before; a line that stays open then is overlong."""
    counted = Recount(100)
    counted.activate([1, 2])
    for event in lines_of((0, "open", 1), (0, "open", 2), (90, "snapshot", 4)):
        counted.add(event)
    counted.activate([], at=100.0)
    for event in lines_of((101, "cancel", 1)):
        counted.add(event)
    assert counted.count().overlong == 0
    counted.add(LedgerEvent(101 + IN_TURN_S, 1, "snapshot", 5, 5, 3, 100, "0"))
    assert (counted.count().held, counted.count().overlong) == (0, 1)


def test_lines_beyond_one_for_each_active_contract_are_a_surplus() -> None:
    """More contracts may become active meanwhile, and fewer again."""
    counted = Recount(100)
    counted.activate([1])
    counted.add(LedgerEvent(0.0, 1, "open", 1, 1, 1, 100, "0"))
    counted.activate([1, 2])
    counted.add(LedgerEvent(1.0, 1, "open", 2, 2, 2, 100, "0"))
    counted.activate([1])
    assert (counted.count().surplus, counted.count().peak) == (0, 2)
    counted.add(LedgerEvent(2.0, 1, "open", 3, 1, 3, 100, "0"))
    assert counted.count().surplus == 1
