"""From request to report: what is asked, how often, and what is never called verified."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from slotwise.contract import PositionKey
from slotwise.errors import LakeError
from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.report import Break, Report
from tasks.reconciling import Book, Found, Reconciling
from tests.support.values import ACCOUNT, NOON, head, position


class FakeSources:
    """Answer from lists; each wait moves the clock, and lands what is due."""

    def __init__(
        self,
        book: Sequence[Position],
        *snapshots: Sequence[Position] | None,
        landing: Collection[PositionKey] = (),
        landed_after_s: float = 0.0,
    ) -> None:
        self.asked: list[str] = []
        self.time = NOON
        self._book = book
        self._snapshots = list(snapshots)
        self._landing = landing
        self._landed_at = NOON + timedelta(seconds=landed_after_s)
        self._broker: Sequence[Position] = ()

    def now(self) -> datetime:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def known(self) -> Mapping[PositionKey, Position] | None:
        return None

    def fresh_snapshot(self, since: datetime) -> Found | None:
        self.asked.append("snapshot")
        answer = self._snapshots.pop(0) if len(self._snapshots) > 1 else self._snapshots[0]
        if answer is None:
            return None
        self._broker = answer
        return head(f"s{len(self.asked)}", when=since), answer

    def book(self, account: str | None, broker: Sequence[Position]) -> Book:
        self.asked.append("book")
        if self._landing and self.time >= self._landed_at:
            return Book(self._broker, ())
        return Book(self._book, self._landing)

    def evidence(self, con_ids: Sequence[int]) -> Evidence | None:
        self.asked.append(f"evidence {list(con_ids)}")
        return None

    def open_breaks(self) -> Iterable[Break]:
        return ()


def report(sources: FakeSources, settle_s: float = 15.0) -> Report:
    return Reconciling(sources, None, settle_s).run().report


HELD = [position(n) for n in range(1, 7)]


def test_a_match_is_told_at_once_and_bothers_the_broker_no_further() -> None:
    sources = FakeSources(HELD, HELD)
    assert report(sources).status == "matched"
    assert sources.asked == ["snapshot", "book"]
    assert sources.time == NOON


def test_evidence_is_asked_for_what_is_broken() -> None:
    sources = FakeSources(HELD, [*HELD[1:], position(1, 11)])
    assert report(sources).status == "broken"
    assert "evidence [1]" in sources.asked


def test_what_is_missing_is_looked_for_twice() -> None:
    """TWS may have told half of it the first time."""
    sources = FakeSources(HELD, HELD[:4], HELD)
    assert report(sources).status == "matched"
    assert sources.asked.count("snapshot") == 2


def test_what_is_missing_both_times_is_a_break() -> None:
    sources = FakeSources(HELD, HELD[1:])
    found = report(sources)
    assert (found.status, [one.con_id for one in found.breaks]) == ("broken", [1])
    assert sources.asked.count("snapshot") == 2


def test_snapshots_that_contradict_each_other_verify_nothing() -> None:
    found = report(FakeSources(HELD, HELD[1:], HELD[:5]))
    assert (found.status, found.breaks) == ("stale", ())
    assert "contradict" in str(found.reason)


def test_a_gateway_without_an_answer_verifies_nothing() -> None:
    assert report(FakeSources(HELD, None)).status == "stale"
    assert report(FakeSources(HELD, HELD[1:], None)).status == "stale"


def test_most_of_the_portfolio_gone_twice_verifies_nothing() -> None:
    assert report(FakeSources(HELD, HELD[:2])).status == "stale"


def test_an_unreadable_lake_verifies_nothing() -> None:
    class NoLake(FakeSources):
        def book(self, account: str | None, broker: Sequence[Position]) -> Book:
            raise LakeError("lake 'gone' cannot be read")

    found = report(NoLake(HELD, HELD))
    assert (found.status, found.reason) == ("stale", "lake 'gone' cannot be read")


def test_what_lands_in_time_has_healed() -> None:
    """The report says that it was late, and for how long."""
    changed = [*HELD[1:], position(1, 11)]
    sources = FakeSources(HELD, changed, landing={(ACCOUNT, 1)}, landed_after_s=3.0)
    found = report(sources)
    assert (found.status, found.matched) == ("matched", 6)
    [healed] = found.healed
    assert (healed.con_id, healed.state, healed.lived_s) == (1, "healed", 3.0)


def test_what_does_not_land_in_time_is_a_break() -> None:
    changed = [*HELD[1:], position(1, 11)]
    sources = FakeSources(HELD, changed, landing={(ACCOUNT, 1)}, landed_after_s=60.0)
    found = report(sources)
    assert (found.status, len(found.breaks), found.healed) == ("broken", 1, ())
    assert sources.time == NOON + timedelta(seconds=15)


def test_what_is_not_on_its_way_is_not_waited_for() -> None:
    sources = FakeSources(HELD, [*HELD[1:], position(1, 11)])
    report(sources)
    assert sources.time == NOON
