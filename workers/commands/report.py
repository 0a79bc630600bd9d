"""`slotwise report`: one day as one page that opens anywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from slotwise.errors import InputError
from slotwise.parse_time import read_moment, read_zone
from slotwise.report.facts import day_facts
from slotwise.report.masking import without_accounts
from slotwise.report.page import headline, page
from slotwise.report.span import day_span
from workers.commands.accounts import WholeAccounts, are_whole
from workers.commands.common import open_lake
from workers.commands.output import say, say_json, show_whole_accounts, writing


def report(
    day: Annotated[
        str | None,
        typer.Option("--date", help="The day: 2026-06-01, yesterday, friday; today by default."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; slotwise-<day>.html by default.")
    ] = None,
    zone: Annotated[
        str, typer.Option(help="Zone of the day and of all its times, as America/New_York.")
    ] = "UTC",
    whole_accounts: WholeAccounts = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the day's facts as JSON, and write no page.")
    ] = False,
) -> None:
    """Write a page on one day: lines, what was not seen, quotes, landings, breaks, positions.

    Example: slotwise report --date 2026-06-01 --out day.html
    """
    now = datetime.now(UTC)
    facts = day_facts(open_lake(), day_span(_date(day, zone, now), zone, now))
    if are_whole(whole_accounts):
        show_whole_accounts()
    else:
        facts = without_accounts(facts)
    if as_json:
        say_json(facts)
        return
    written = out or Path(f"slotwise-{facts.span.day}.html")
    with writing(written):
        written.write_text(page(facts, now), encoding="utf-8")
    say(f"{written}: {headline(facts)}")


def _date(text: str | None, zone: str, now: datetime) -> date | None:
    """Return the day that a text names, in the zone; raises InputError."""
    if text is None:
        return None
    clock = read_zone(zone)
    try:
        return read_moment(text, zone, now, begins=True).astimezone(clock).date()
    except InputError as error:
        raise InputError(f"{text!r} is no day: write it as 2026-06-01 or yesterday") from error
