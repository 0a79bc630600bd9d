"""`slotwise probe`: measure how the TWS of the settings behaves, and suggest settings."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from slotwise.errors import InputError
from slotwise.settings import settings
from workers.commands.output import PlainTable, console, say, say_json
from workers.gateway.wire_log import WireLog
from workers.probe.fact import ProbeReport
from workers.probe.run import MOST_MINUTES, Probe, ProbeOptions
from workers.probe.suggestions import changed

#: Added to the gateway's client id, so that both may be connected.
CLIENT_ID_BESIDE = 1
#: Exit status of a probe that could not find out anything.
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
    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    except OSError as error:
        raise InputError(f"the report {file} cannot be written: {error.strerror}") from error
    if json:
        say_json(report)
    else:
        _show(report, file)
    if apply:
        _apply(report, Path(".env"))
    if not any(fact.count for fact in report.facts):
        raise typer.Exit(NOTHING)


async def _until_signal(probe: Probe) -> ProbeReport:
    """Run a probe; SIGINT and SIGTERM end it early, with what it found and all lines closed."""
    running = asyncio.ensure_future(probe.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, probe.stop)
    return await running


def _show(report: ProbeReport, output: Path) -> None:
    table = PlainTable("what", "found", "how sure")
    for fact in report.facts:
        sure = fact.certainty if fact.certainty != "measured" else f"measured, {fact.count}"
        table.add_row(fact.name, fact.text, sure)
    console().print(table)
    for name, value in report.suggestions.items():
        say(f"suggested: {name}={value}")
    say(f"{report.seconds:g} s; the report is in {output}")


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
