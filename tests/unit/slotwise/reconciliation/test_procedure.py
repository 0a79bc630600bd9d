"""From request to report: what is asked, how often, and what is never called verified."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from slotwise.contract import PositionKey
from slotwise.errors import LakeError
from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.procedure import Book, Found, ReconciliationProcedure
from slotwise.reconciliation.report import Break, Report
from tests.support.values import ACCOUNT, NOON, head, position


class FakeSources:
    """Answer from lists."""

    def __init__(
        self,
        book: Sequence[Position],
        *snapshots: Sequence[Position] | None,
        landing: Collection[PositionKey] = (),
    ) -> None:
        self.asked: list[str] = []
        self._book = book
        self._snapshots = list(snapshots)
        self._landing = landing

    def now(self) -> datetime:
        return NOON

    def known(self) -> Mapping[PositionKey, Position] | None:
        return None

    def fresh_snapshot(self, since: datetime) -> Found | None:
        self.asked.append("snapshot")
        answer = self._snapshots.pop(0) if len(self._snapshots) > 1 else self._snapshots[0]
        if answer is None:
            return None
        return head(f"s{len(self.asked)}", when=since), answer

    def book(self, account: str | None, broker: Sequence[Position]) -> Book:
        self.asked.append("book")
        return Book(self._book, self._landing)

    def evidence(self, con_ids: Sequence[int]) -> Evidence | None:
        self.asked.append(f"evidence {list(con_ids)}")
        return None

    def open_breaks(self) -> Iterable[Break]:
        return ()


def report(sources: FakeSources) -> Report:
    return ReconciliationProcedure(sources).run().report


HELD = [position(n) for n in range(1, 7)]


def test_a_match_is_reported_at_once_without_further_requests_to_the_broker() -> None:
    sources = FakeSources(HELD, HELD)
    assert report(sources).status == "matched"
    assert sources.asked == ["snapshot", "book"]


def test_evidence_is_asked_for_what_is_broken() -> None:
    sources = FakeSources(HELD, [*HELD[1:], position(1, 11)])
    assert report(sources).status == "broken"
    assert "evidence [1]" in sources.asked


def test_what_is_missing_is_looked_for_twice() -> None:
    """TWS may have sent half of it the first time."""
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


def test_what_is_on_its_way_is_not_waited_for_but_reported() -> None:
    """A task that waited would hold a worker that the landing needs."""
    changed = [*HELD[1:], position(1, 11)]
    sources = FakeSources(HELD, changed, landing={(ACCOUNT, 1), (ACCOUNT, 2)})
    found = report(sources)
    assert [(one.con_id, one.under_way) for one in found.breaks] == [(1, True)]
    assert sources.asked.count("snapshot") == 1
