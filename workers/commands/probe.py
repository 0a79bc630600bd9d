"""`slotwise probe`: measure how the TWS of the settings behaves, and suggest settings."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from slotwise.errors import InputError
from slotwise.settings import settings
from workers.commands.output import PlainTable, console, say, say_json
from workers.gateway.wire_log import WireLog
from workers.probe.fact import ProbeReport, read_report
from workers.probe.run import MOST_MINUTES, Probe, ProbeOptions
from workers.probe.suggestions import changed

#: Added to the gateway's client id, so that both may be connected.
CLIENT_ID_BESIDE = 1
#: Exit status of a probe that was not logged in, and so measured nothing.
NOTHING = 1


def probe(
    limit: Annotated[
        bool,
        typer.Option("--limit", help="Find the usable lines: ask until TWS refuses one."),
    ] = False,
    marks: Annotated[
        bool,
        typer.Option("--marks", help="Wait three minutes for IB's own marks of an account."),
    ] = False,
    minutes: Annotated[
        float, typer.Option(min=0.1, max=MOST_MINUTES, help="Time for all of it.")
    ] = MOST_MINUTES,
    output: Annotated[
        Path | None, typer.Option(help="File for the report as JSON; else SLOTWISE_PROBE's.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Record every message there, without what is private.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the suggested settings to .env.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure how your TWS behaves; reads only, places no order, leaves no line open.

    With --limit other programs' requests for market data may be refused for a minute. Exit status:
    0 something was found, 1 nothing was.

    Example: slotwise probe --record probe.jsonl
    """
    used = settings()
    file = output or Path(used.probe).expanduser()
    log = None if record is None else WireLog(record.expanduser(), used.wire_log_names)
    try:
        report = asyncio.run(
            _until_signal(
                Probe(
                    used,
                    ProbeOptions(limit, marks, minutes),
                    lambda text: None if json else say(f"... {text}"),
                    client_id=used.ib_client_id + CLIENT_ID_BESIDE,
                    recording=None if log is None else log.tap,
                )
            )
        )
    finally:
        if log is not None:
            log.close()
    kept = None if report.logged_in else _earlier(file)
    if kept is None:
        _write(report, file)
    if json:
        say_json(report)
    else:
        _show(report)
        if kept is None:
            say(f"{report.seconds:g} s; the report is in {file}")
    if kept is not None:
        of = f"{datetime.fromisoformat(kept.began):%Y-%m-%d %H:%M} UTC"
        say(f"without a login nothing was measured: {file} keeps its report of {of}", sys.stderr)
    if apply:
        _apply(report, Path(".env"))
    if not report.logged_in:
        raise typer.Exit(NOTHING)


def _earlier(file: Path) -> ProbeReport | None:
    """Return the report of an earlier probe that measured something; None where there is none."""
    try:
        report = read_report(file.read_bytes(), str(file))
    except (OSError, InputError):
        return None
    return report if report.logged_in else None


def _write(report: ProbeReport, file: Path) -> None:
    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    except OSError as error:
        raise InputError(f"the report {file} cannot be written: {error.strerror}") from error


async def _until_signal(probe: Probe) -> ProbeReport:
    """Run a probe; SIGINT and SIGTERM end it early, with what it found and all lines closed."""
    running = asyncio.ensure_future(probe.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, probe.stop)
    return await running


def _show(report: ProbeReport) -> None:
    table = PlainTable("what", "found", "how sure")
    for fact in report.facts:
        sure = fact.certainty if fact.certainty != "measured" else f"measured, {fact.count}"
        table.add_row(fact.name, fact.text, sure)
    console().print(table)
    for name, value in report.suggestions.items():
        say(f"suggested: {name}={value}")


def _apply(report: ProbeReport, path: Path) -> None:
    """Write suggested settings into .env, and print each that changes."""
    if not report.suggestions:
        say("no setting is to be changed")
        return
    before = path.read_text() if path.exists() else ""
    after = changed(before, report.suggestions)
    old, new = before.splitlines(), after.splitlines()
    for line in old:
        if line not in new:
            say(f"- {line}")
    for line in new:
        if line not in old:
            say(f"+ {line}")
    path.write_text(after)
