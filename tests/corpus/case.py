"""One labelled case: a portfolio, what happens to it, and what a reconciliation has to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import msgspec

from slotwise.contract import PositionKey
from slotwise.lake.arrow import to_batch
from slotwise.lake.book import book, with_landing
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.procedure import Book, Found, ReconciliationProcedure
from slotwise.reconciliation.report import Break, Report
from slotwise.rules.landing import Entry, Inserted, Rows, holdings_under_way
from slotwise.rules.position_queue import POLLED, NewItem
from slotwise.rules.valuation import position_row
from tests.corpus.acts import ACTS
from tests.corpus.floor import Floor, Loop, floor
from tests.corpus.kind_acts import KIND_ACTS
from tests.corpus.stage import Act, Stage
from tests.support.landed import put

#: Costs of a unit that differ by no more than the last decimal that is stored are the same.
SAME_COST = Decimal("0.00000001")
#: As often an answer is cut when one is: a second look finds no more.
CUT_TIMES = 20


@dataclass(frozen=True)
class Case:
    """Describe a case; the seed decides all that is left to chance."""

    number: int
    positions: int
    acts: tuple[str, ...]
    cut: bool = False

    @property
    def name(self) -> str:
        what = "+".join(self.acts) or "clean"
        return f"{self.number}-{what}{'-cut' if self.cut else ''}-{self.positions}"


@dataclass
class Played:
    """Hold what was expected and what was reported."""

    case: Case
    report: Report
    #: Kind of each break there is, from the simulator's accounts and the rows of the lake.
    kinds: Mapping[PositionKey, str]
    #: Causes that are right for it.
    causes: Mapping[PositionKey, frozenset[str]]
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        breaks = {one.key: one for one in self.report.breaks}
        for key, kind in self.kinds.items():
            if key not in breaks or breaks[key].kind != kind:
                self.missed.append(f"{self.case.name}: {key} is {kind}, reported {breaks.get(key)}")
            elif breaks[key].cause not in self.causes.get(key, frozenset()):
                right = " or ".join(sorted(self.causes.get(key, ())))
                self.misnamed.append(f"{self.case.name}: {key} is {right}, reported {breaks[key]}")
        self.invented = [
            f"{self.case.name}: {breaks[key]}" for key in breaks if key not in self.kinds
        ]


class FloorSources:
    """The sources of the running system, served from a floor."""

    def __init__(
        self, on: Floor, lake: Lake, known: Sequence[Position], entries: Sequence[Entry]
    ) -> None:
        self._floor = on
        self._lake = lake
        self._known = {position.key: position for position in known}
        self._entries = entries
        self._snapshots = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def known(self) -> Mapping[PositionKey, Position] | None:
        return self._known

    def fresh_snapshot(self, since: datetime) -> Found | None:
        self._snapshots += 1
        return self._floor.snapshot(self._snapshots)

    def book(self, account: str | None, broker: Sequence[Position]) -> Book:
        landing = holdings_under_way(self._entries)
        return Book(with_landing(book(self._lake, account), self._entries), landing)

    def evidence(self, con_ids: Sequence[int]) -> Evidence | None:
        return self._floor.evidence(list(con_ids))

    def open_breaks(self) -> Iterable[Break]:
        return ()


def play(case: Case, loop: Loop, lake: Lake) -> Played:
    """Let a case happen, reconcile, and compare with the truth."""
    random = Random(f"case {case.number}")
    with floor(loop, case.positions, random.randrange(1_000_000)) as on:
        stage = Stage(on, random)
        acts = [(ACTS | KIND_ACTS)[name][0](stage) for name in case.acts]
        for act in acts:
            next(act)
        _, reported = on.snapshot(-1)
        stage.held = {position.contract.con_id: position for position in reported}
        labels: dict[PositionKey, frozenset[str]] = {}
        for act in acts:
            before = _all(on, stage)
            causes = frozenset(_finish(act))
            for key in _changed(before, _all(on, stage)):
                labels[key] = labels.get(key, frozenset()) | causes
        known, entries = _on_its_way(on, stage, reported)
        rows = _rows(stage, reported)
        put(lake, "position_updates", [position_row(one, None, source="batch") for one in rows])
        if case.cut:
            missing = random.choice((0.3, 0.5, 0.8, 0.95))
            on.do(do="poll", kind="partial", count=CUT_TIMES, missing=missing, seed=case.number)
        report = ReconciliationProcedure(FloorSources(on, lake, known, entries)).run().report
        truth = _kinds(with_landing(rows, entries), on.held())
        for con_id, cause in stage.causes.items():
            labels[stage.held[con_id].key] = frozenset((cause,))
        for one in stage.book_adds:
            labels[one.key] = frozenset(("unknown",))
        return Played(case, report, {} if case.cut else truth, labels)


def _finish(act: Act) -> tuple[str, ...]:
    try:
        next(act)
    except StopIteration as end:
        return tuple(end.value)
    raise AssertionError("an act yields once")


def _all(on: Floor, stage: Stage) -> dict[PositionKey, object]:
    """See everything that an act can change: the accounts, and what the book is made of."""
    seen: dict[PositionKey, object] = dict(on.held().items())
    for con_id in stage.book_lacks:
        seen[stage.held[con_id].key] = "lacks"
    for con_id in stage.book_costs:
        seen[stage.held[con_id].key] = "cost"
    return seen


def _changed(
    before: Mapping[PositionKey, object], after: Mapping[PositionKey, object]
) -> set[PositionKey]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _on_its_way(
    on: Floor, stage: Stage, reported: Sequence[Position]
) -> tuple[Sequence[Position], list[Entry]]:
    """Return what the gateway has when the request comes, and what the stream holds."""
    if not stage.queued and not stage.streamed:
        return reported, []
    _, news = on.snapshot(-2)
    heard = stage.queued | stage.streamed
    known = {one.key: one for one in reported if one.contract.con_id not in heard}
    known |= {one.key: one for one in news if one.contract.con_id in heard}
    queued = [stage.held[con_id] for con_id in sorted(stage.queued)]
    items = tuple(
        NewItem(f"item-{one.contract.con_id}", one.account, one.contract.con_id, POLLED)
        for one in queued
    )
    entries = [Entry(1, Inserted(items, datetime.now(UTC)))] if items else []
    rows = [position_row(one, None, source="stream")
            for one in news if one.contract.con_id in stage.streamed]  # fmt: skip
    if rows:
        entries.append(Entry(2, Rows("position_updates"), to_batch(rows, POSITION_UPDATES.sent)))
    return list(known.values()), entries


def _rows(stage: Stage, reported: Sequence[Position]) -> list[Position]:
    """Make the book: what the broker sent, with the changes that no broker makes."""
    rows = []
    for one in reported:
        con_id = one.contract.con_id
        if con_id in stage.book_lacks:
            continue
        cost = stage.book_costs.get(con_id, one.avg_cost)
        rows.append(msgspec.structs.replace(one, avg_cost=cost))
    return [*rows, *stage.book_adds]


def _kinds(
    rows: Iterable[Position], held: Mapping[PositionKey, tuple[Decimal, Decimal, Decimal]]
) -> dict[PositionKey, str]:
    """Compare the book's rows with the simulator's accounts: the truth of the case."""
    ours = {one.key: one for one in rows if one.quantity}
    kinds: dict[PositionKey, str] = {}
    for key in ours.keys() | held.keys():
        if key not in ours:
            kinds[key] = "missing_in_book"
        elif key not in held:
            kinds[key] = "account_unknown" if key[0] == "DU999" else "missing_at_broker"
        else:
            quantity, cost, multiplier = held[key]
            mine_whole = ours[key].avg_cost
            assert mine_whole is not None
            mine = mine_whole / ours[key].contract.multiplier
            unit = cost / multiplier
            if ours[key].quantity != quantity:
                kinds[key] = "quantity"
            elif abs(mine - unit) > SAME_COST:
                kinds[key] = "avg_cost"
    return kinds
