"""A day as a whole: what is missing is missing, and no account number is shown."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from slotwise.errors import LakeAbsentError, LakeError, NotKnownError
from slotwise.lake.store import Lake
from slotwise.report.day import Day
from slotwise.report.facts import day_facts
from slotwise.report.masking import without_accounts
from slotwise.report.span import Span
from tests.support.day_rows import ReportRow, broken, held_row, line_event, quoted
from tests.support.landed import put
from tests.support.values import NOON, at

WHOLE = "DU1234567"
#: No account of IB's looks like this, so it is known for one only by where it stands.
ODD = "Paper-Desk-77"


def test_a_lake_that_is_not_there_or_empty_is_reported(
    lake: Lake, span: Span, tmp_path: Path
) -> None:
    with pytest.raises(LakeAbsentError, match="there is none"):
        day_facts(Lake(str(tmp_path / "nothing")), span)
    assert not (tmp_path / "nothing").exists(), "reading makes nothing"
    with pytest.raises(NotKnownError, match="nothing has landed"):
        day_facts(lake, span)


def test_a_day_without_rows_has_no_facts(lake: Lake, span: Span) -> None:
    put(lake, "quotes", [quoted(1, at(90_000))])
    assert day_facts(lake, span) == Day(span)


def test_a_table_that_is_missing_gives_nothing(tmp_path: Path, span: Span) -> None:
    lake = Lake(str(tmp_path))
    lake.create()
    put(lake, "quotes", [quoted(1, NOON)])
    for path in tmp_path.iterdir():
        if path.name not in ("quotes", "position_updates"):
            shutil.rmtree(path)
    facts = day_facts(lake, span)
    assert (facts.quotes.quotes, facts.landings.rows, facts.lines.buckets) == (1, 0, ())


def test_a_word_of_a_newer_version_is_reported(lake: Lake, span: Span) -> None:
    newer: Any = "teleported"
    put(lake, "line_events", [line_event(1, newer, NOON)])
    with pytest.raises(LakeError, match="teleported"):
        day_facts(lake, span)


def full(lake: Lake, span: Span) -> Day:
    """A day on which accounts are named wherever they can be."""
    put(lake, "line_events", [line_event(1, "waits", NOON, reason=f"error 354 for {WHOLE}")])
    for account in (WHOLE, ODD):
        rows = [
            held_row(1, quantity, when, account=account)
            for quantity, when in ((1, at(-86_400)), (2, at(0)))
        ]
        put(lake, "position_updates", rows)
    put(
        lake,
        "reconciliations",
        [
            ReportRow("r1", NOON, "stale", reason=f"no snapshot of {ODD}", account=WHOLE),
            ReportRow("r2", NOON, account=f"{WHOLE}/Growth"),
        ],
    )
    put(
        lake,
        "breaks",
        [
            broken(1, NOON, account=WHOLE, evidence=f"2 of 3 holdings of {WHOLE} are missing"),
            broken(2, NOON, account=f"{ODD}/Growth", evidence=f"as in {ODD}/Growth"),
        ],
    )
    return day_facts(lake, span)


def test_no_account_is_shown_unless_asked(lake: Lake, span: Span) -> None:
    """Neither in its own place nor within a text; its last digits are, and models."""
    whole = full(lake, span)
    reported = msgspec.json.encode(without_accounts(whole)).decode()
    for account in (WHOLE, ODD):
        assert account in msgspec.json.encode(whole).decode()
        assert account not in reported
    assert "******567/Growth" in reported
    assert "2 of 3 holdings of ******567 are missing" in reported
    assert "error 354 for ******567" in reported


def test_masking_changes_nothing_else(lake: Lake, span: Span) -> None:
    whole = full(lake, span)
    masked = without_accounts(whole)
    assert (masked.landings, masked.quotes, masked.span) == (
        whole.landings,
        whole.quotes,
        whole.span,
    )
    assert without_accounts(masked) == masked
    for before, after in zip(whole.positions.moves, masked.positions.moves, strict=True):
        assert msgspec.structs.replace(after, account=before.account) == before
