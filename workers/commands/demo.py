"""`slotwise demo`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from slotwise.errors import InputError, SlotwiseError
from slotwise.formatting import counted
from slotwise.secret_files import value_of
from slotwise.settings import settings
from workers.commands.output import console, say, say_json
from workers.stack.demo import Demo
from workers.stack.demo_options import DEMO_POLL_S, DemoOptions
from workers.stack.demo_result import DemoResult, ReconciliationResult
from workers.stack.processes import gateway_spec
from workers.stack.simulator import check_simulator

#: Exit status where a promise was broken.
PROMISE_BROKEN = 1


def demo(
    positions: Annotated[
        int, typer.Option(min=1, max=50_000, help="Contracts in the simulated portfolio.")
    ] = 200,
    active: Annotated[
        int, typer.Option(min=0, help="How many of them are in active strategies.")
    ] = 20,
    lines: Annotated[
        int, typer.Option(min=0, help="Market data lines the simulated account has.")
    ] = 100,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Stop by itself after this many seconds.")
    ] = None,
    lake: Annotated[
        Path | None, typer.Option(help="Folder of the Delta tables; a new one by default.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object last on standard output.")
    ] = False,
    portfolio: Annotated[
        Path | None, typer.Option(help="JSON file of accounts and positions for the simulator.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the simulated market.")] = 1,
    poll: Annotated[
        float, typer.Option(min=1, help="Seconds between position polls.")
    ] = DEMO_POLL_S,
) -> None:
    """Run everything on this machine against the simulator, and count what it promised.

    Example: slotwise demo --positions 5000 --active 100 --seconds 60 --json
    """
    # Its processes read them: what is wrong is one line here, and not a line in each log.
    settings()
    check_simulator()
    if portfolio is None and active > positions:
        raise InputError(f"--active {active} is more than --positions {positions}")
    if portfolio is not None and not portfolio.is_file():
        raise InputError(f"portfolio {str(portfolio)!r} is no readable file")
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    state = Path(tempfile.mkdtemp(prefix=f"slotwise-demo-{stamp}-"))
    options = DemoOptions(
        positions=positions,
        active=active,
        lines=lines,
        seconds=seconds,
        lake=(lake or Path("lake") / f"demo-{stamp}").absolute(),
        state=state,
        seed=seed,
        poll_s=poll,
        redis_url=value_of("REDIS_URL", os.environ),
        portfolio=portfolio.absolute() if portfolio else None,
    )
    try:
        result = Demo(options, console(error=as_json)).run()
    except SlotwiseError:
        if not gateway_spec({}, state).log.exists():
            # Nothing began: the error says what its logs do, and its lake is empty.
            shutil.rmtree(state)
            if lake is None:
                shutil.rmtree(options.lake, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(state / "redis", ignore_errors=True)
    if as_json:
        say_json(result)
    else:
        console().print(_summary(result))
    if result.broken:
        for text in result.broken:
            say(f"broken promise: {text}", sys.stderr)
        raise typer.Exit(PROMISE_BROKEN)


def _summary(result: DemoResult) -> Table:
    lines, queue, landed = result.lines, result.queue, result.landed
    table = Table.grid(padding=(0, 2))
    table.add_row("positions", f"{result.positions}, {result.active} of them active")
    table.add_row(
        "lines",
        f"{lines.held} held of {lines.limit} (peak {lines.peak}), {lines.rejected} rejected",
    )
    table.add_row("quotes", f"{lines.quotes} on idle lines (peak {lines.used_peak} lines in use)")
    table.add_row(
        "queue", f"{queue.succeeded} landed, {queue.failed} failed, {queue.pending} under way"
    )
    table.add_row("landed", f"{counted(landed.rows, 'row')} in {counted(landed.commits, 'commit')}")
    table.add_row("reconciled", _report_words(result.reconciliation))
    table.add_row("lake", result.lake)
    table.add_row("ledger", result.ledger)
    return table


def _report_words(last: ReconciliationResult) -> str:
    if last.matched is None:
        return "never" if last.status == "none" else last.status
    return f"{last.status}: {last.matched} matched, {counted(last.breaks or 0, 'break')}"
