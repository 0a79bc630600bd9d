"""`slotwise bench`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.errors import InputError
from workers.bench.chart import draw
from workers.bench.check import regressions
from workers.bench.figures import Part, Run
from workers.bench.machine import machine
from workers.bench.page import STANDING, goal, page_of, spread
from workers.bench.parts import NAMES, check_names, run_part

#: Exit status where something has become worse than what is stored.
WORSE = 1
#: Files of a run in the documentation: its figures, and the page of them.
FIGURES, PAGE = "benchmarks.json", "benchmarks.md"


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(NAMES)}; none for all.")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of the full effort; less tells less.")
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    write: Annotated[
        Path | None, typer.Option(help="Folder for page, figures and plots.", file_okay=False)
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="Compare with these figures.", dir_okay=False)
    ] = None,
) -> None:
    """Measure this machine and this version beside what others do, as ratios.

    Exit status: 0, or 1 when --check finds a ratio worse than its noise explains.

    Example: slotwise bench ticks
    """
    if write is not None and names:
        raise InputError("--write is for a whole run: name no benchmark")
    check_names(names or ())
    stored = None if check is None else _read(check)
    console = Console(stderr=True)
    parts = []
    for name in names or NAMES:
        console.print(f"{name} ...", highlight=False)
        parts.append(run_part(name, share))
        if not as_json:
            _show(parts[-1])
    run = Run(at=datetime.now(UTC).isoformat(), machine=machine(), parts=tuple(parts))
    if as_json:
        sys.stdout.write(msgspec.json.encode(run).decode() + "\n")
    if write is not None:
        _write(run, write)
    if stored is not None:
        worse = regressions(stored, run)
        for line in worse:
            console.print(f"worse: {line}", style="red", highlight=False)
        if worse:
            raise typer.Exit(WORSE)
        console.print("nothing is worse than noise explains")


def _read(file: Path) -> Run:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Run)
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{file} holds no figures of benchmarks: {error}") from error


def _show(part: Part) -> None:
    table = Table(title=part.title)
    for column in ("what", "ratio of", "found", "goal", ""):
        table.add_column(column, overflow="fold")
    for ratio in part.ratios:
        standing = STANDING[ratio.met].strip("*")
        table.add_row(ratio.name, ratio.of, spread(ratio), goal(ratio), standing)
    Console().print(table)
    for absolute in part.tables:
        shown = Table(title=absolute.title)
        for column in absolute.columns:
            shown.add_column(column, overflow="fold")
        for row in absolute.rows:
            shown.add_row(*row)
        Console().print(shown)


def _write(run: Run, folder: Path) -> None:
    """Write figures, page and plots."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for part in run.parts:
        for plot in part.plots:
            draw(plot, pictures / f"bench-{plot.name}.svg")
    # Indented, so that a change of one figure is one line of a comparison.
    (folder / FIGURES).write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    (folder / PAGE).write_text(page_of(run, "pictures"))
