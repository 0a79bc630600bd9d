"""A row that has a name lands once, however often and by whomever it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.arrow import to_batch
from slotwise.lake.dedup import not_yet_landed
from slotwise.lake.executions import executions_between
from slotwise.lake.lander import Lander
from slotwise.lake.schemas import EXECUTIONS, RECONCILIATIONS
from slotwise.lake.store import Lake
from slotwise.rules.landing import Rows
from tests.support.executed import execution
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON


class ReportRow(msgspec.Struct, frozen=True):
    report_id: str
    status: str = "matched"
    reason: str | None = None
    account: str | None = None
    snapshot_id: str | None = None
    requested_at: Any = NOON
    completed_at: Any = NOON
    matched: int = 1
    breaks: int = 0
    healed: int = 0
    mended: int = 0


def batch(*names: str) -> Any:
    return to_batch([ReportRow(name) for name in names], RECONCILIATIONS.sent)


def landed(lake: Lake) -> list[str]:
    return sorted(str(name) for (name,) in rows_of(lake, "reconciliations", "report_id"))


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), max_size=4))
def test_within_one_landing_each_name_is_kept_once(
    tmp_path_factory: Any, sent: list[list[str]]
) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    lake.create()
    kept = not_yet_landed(lake, "reconciliations", [batch(*names) for names in sent], NOON)
    names = [str(row["report_id"]) for one in kept for row in one.to_pylist()]
    assert sorted(names) == sorted({name for some in sent for name in some})


def test_a_report_that_is_sent_again_adds_nothing(lake: Lake) -> None:
    """By another landing, of another lake worker, after midnight."""
    stream = MemoryStream()
    for names, hours in ((("a", "b"), 0), (("b", "c"), 1), (("a",), 20)):
        stream.append(Rows("reconciliations"), batch(*names))
        Lander(lake, stream).land(NOON + timedelta(hours=hours))
    assert landed(lake) == ["a", "b", "c"]


def test_rows_without_a_name_may_repeat(lake: Lake) -> None:
    put(lake, "line_events", [])
    assert not_yet_landed(lake, "line_events", [batch("a"), batch("a")], NOON) == [
        batch("a"),
        batch("a"),
    ]


def test_an_execution_that_is_listed_again_for_a_week_lands_once(lake: Lake) -> None:
    """By gateways that were started again, where TWS's trade log goes back so far."""
    stream = MemoryStream()
    sold = execution(1, -5, "600.25", 0, "a.01.01")
    corrected = execution(1, -5, "600.50", 0, "a.01.02")
    for listed, days in (((sold,), 0), ((sold,), 6), ((corrected,), 7), ((corrected,), 7.5)):
        stream.append(Rows("executions"), to_batch(listed, EXECUTIONS.sent))
        Lander(lake, stream).land(NOON + timedelta(days=days))
    assert sorted(rows_of(lake, "executions", "exec_id")) == [("a.01.01",), ("a.01.02",)]
    assert executions_between(lake) == (corrected,)
