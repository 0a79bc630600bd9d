"""Lines, queue and reconciliation as pages get them: times instead of ages, accounts masked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from slotwise.bus.status import GatewayStatus, LandingLine, LegStatus, QueueStatus
from slotwise.lake.reconciliation_queries import ReportLine
from slotwise.reconciliation.report import Break
from tests.support.values import NOON, at
from workers.screen.facts import LakeFacts
from workers.web.ages import epoch_ms
from workers.web.system import MOST_BREAKS, System, system_of

ACCOUNT = "DU1234567"


def mask(text: str) -> str:
    return text.replace(ACCOUNT, "***567")


def gateway(**changes: Any) -> GatewayStatus:
    made = GatewayStatus(
        at=NOON, session="ready", detail=f"{ACCOUNT} logged in", limit=10,
        lines={1: ("SPY", "put")}, waiting=[2], quotes_in_flight=2, positions=3, polled_at=NOON,
        connected_at=NOON, ticks=0, handler_errors={}, spooled=7, reserve=1,
        legs=(
            LegStatus(con_id=1, label="SPY", strategies=("put", "condor")),
            LegStatus(con_id=2, strategies=("put",), state="waiting", since=at(-3)),
        ),
        refused={2: "no permission"},
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def queue(**changes: Any) -> QueueStatus:
    made = QueueStatus(
        at=NOON, waiting=5, leased=2, batches=1, oldest_s=12.5, landed_rows=0, landing_entries=4,
        commit_ms=0, ages=(1, 2, 3), landings=tuple(
            LandingLine(at=at(second), rows=second, ms=1.6) for second in (1, 2)
        ),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def found(number: int = 1, **changes: Any) -> Break:
    made = Break(
        break_id=str(number), report_id="r", life_id=str(number), state="confirmed",
        account=ACCOUNT, con_id=number, symbol="SPY", kind="quantity", cause="unknown",
        evidence=f"{ACCOUNT} says so", book_quantity=Decimal("10.0"), broker_quantity=None,
        book_avg_cost=Decimal(5), broker_avg_cost=Decimal(6), book_observed_at=None,
        broker_observed_at=None, found_at=NOON, first_found_at=at(-60), runs=2, lived_s=None,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def lake(*breaks: Break) -> LakeFacts:
    report = ReportLine("r", "broken", 3, len(breaks), NOON, f"{ACCOUNT} differs")
    return LakeFacts(read_at=NOON, report=report, breaks=breaks)


def test_what_no_process_has_reported_is_not_known() -> None:
    assert system_of(None, None, None, mask) == System()


def test_lines_are_counted_by_their_use_and_each_leg_says_how_it_stands() -> None:
    lines = system_of(gateway(), None, None, mask).lines
    assert lines is not None
    assert lines.uses == {"held": 1, "rotating": 2, "idle": 7, "not granted": 0, "reserve": 1}
    has, waits = lines.legs
    assert (has.has_line, has.label, has.strategies, has.since) == (
        True,
        "SPY",
        "put, condor",
        None,
    )
    assert (waits.has_line, waits.label, waits.state) == (False, "2", "waiting")
    assert (waits.reason, waits.since) == ("no permission", epoch_ms(at(-3)))
    assert (has.holder, has.place) == ("put", None), "for whom its line is held"
    assert (waits.holder, waits.place) == ("", 1), "the first of those that wait"


def test_queue_says_when_its_oldest_item_came_and_the_newest_landing_first() -> None:
    facts = system_of(gateway(), queue(), None, mask).queue
    assert facts is not None
    assert facts.oldest_at == epoch_ms(at(-12.5))
    assert [one.rows for one in facts.landings] == [2, 1]
    assert facts.landings[0].ms == 2
    assert facts.spooled == 7
    empty = system_of(None, queue(waiting=0, leased=0), None, mask).queue
    assert empty is not None
    assert (empty.oldest_at, empty.spooled) == (None, None)


def test_break_shows_what_differs_and_no_whole_account() -> None:
    book = system_of(None, None, lake(found(1), found(2, kind="avg_cost")), mask).book
    assert book is not None
    quantity, cost = book.open
    assert (quantity.book, quantity.broker) == ("10", "-")
    assert (cost.kind, cost.book, cost.broker) == ("avg cost", "5", "6")
    assert (book.status, book.reason, book.count) == ("broken", "***567 differs", 2)


def test_no_text_has_a_whole_account() -> None:
    system = system_of(gateway(), queue(), lake(found()), mask)
    assert ACCOUNT not in msgspec.json.encode(system).decode()


def test_breaks_without_end_are_counted_and_the_first_are_sent() -> None:
    breaks = [found(number) for number in range(MOST_BREAKS + 5)]
    book = system_of(None, None, lake(*breaks), mask).book
    assert book is not None
    assert (len(book.open), book.count) == (MOST_BREAKS, MOST_BREAKS + 5)
