"""`slotwise why CONID --blind`: when a contract was wanted and not seen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from slotwise.blindness import Blind
from slotwise.lake.line_history import blind_times
from slotwise.lake.store import Lake
from slotwise.settings import settings


def say_blind(con_id: int, as_json: bool) -> None:
    """List a contract's gaps, oldest first; raises LakeError."""
    gaps = blind_times(Lake(settings().lake_path), con_id).get(con_id, [])
    if as_json:
        sys.stdout.write(msgspec.json.encode(gaps).decode() + "\n")
        return
    for text in described(con_id, gaps, datetime.now(UTC)):
        sys.stdout.write(text + "\n")


def described(con_id: int, gaps: Sequence[Blind], now: datetime) -> list[str]:
    """Describe gaps, a line each, the first one with their sum."""
    total = sum((gap.lasted(now) for gap in gaps), timedelta())
    head = f"{con_id}: not seen {len(gaps)} times, {total.total_seconds():.1f} s in all"
    return [head, *(f"  {_described(gap, now)}" for gap in gaps)]


def _described(gap: Blind, now: datetime) -> str:
    begin = f"{gap.begin:%Y-%m-%d %H:%M:%S.%f}"[:-3]
    end = f"{gap.end:%H:%M:%S.%f}"[:-3] if gap.end else "now"
    least = "" if gap.begin_known else "at most "
    reason = f": {gap.reason}" if gap.reason else ""
    seconds = gap.lasted(now).total_seconds()
    return f"{begin} to {end} UTC, {least}{seconds:.1f} s, {gap.event}{reason}"
