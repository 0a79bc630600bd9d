"""`slotwise why CONID --gaps`: when a contract was wanted and not seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from slotwise.formatting import counted
from slotwise.lake.data_gap_history import recorded_gaps
from slotwise.rules.data_gaps import DataGap
from workers.commands.common import open_lake
from workers.commands.output import say, say_json


def say_gaps(con_id: int, as_json: bool) -> None:
    """List a contract's gaps, oldest first; raises LakeError."""
    gaps = recorded_gaps(open_lake(), con_id).get(con_id, [])
    if as_json:
        say_json(gaps)
        return
    for text in described(con_id, gaps, datetime.now(UTC)):
        say(text)


def described(con_id: int, gaps: Sequence[DataGap], now: datetime) -> list[str]:
    """Describe gaps, a line each, the first one with their sum."""
    known = [gap for gap in gaps if gap.known]
    total = sum((gap.lasted(now) for gap in known), timedelta())
    times = counted(len(known), "time")
    head = f"{con_id}: not seen {times}, {total.total_seconds():.1f} s in all"
    if unknown := len(gaps) - len(known):
        head += f"; not known for {unknown} more"
    return [head, *(f"  {_gap_words(gap, now)}" for gap in gaps)]


def _gap_words(gap: DataGap, now: datetime) -> str:
    begin = f"{gap.begin:%Y-%m-%d %H:%M:%S.%f}"[:-3]
    end = "now"
    if gap.end is not None:
        day = "" if gap.end.date() == gap.begin.date() else f"{gap.end:%Y-%m-%d} "
        end = day + f"{gap.end:%H:%M:%S.%f}"[:-3]
    reason = f": {gap.reason}" if gap.reason else ""
    lasted = f"{gap.lasted(now).total_seconds():.1f} s, {gap.event}" if gap.known else "not known"
    return f"{begin} to {end} UTC, {lasted}{reason}"
