"""`python -m benchmarks`: every benchmark, or those that are named."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.chart import draw
from benchmarks.check import worse_twice
from benchmarks.figures import Part, Run
from benchmarks.machine import machine
from benchmarks.mark_figures import missed
from benchmarks.marks import run_on
from benchmarks.page import STANDING, goal, page_of, spread
from benchmarks.parts import NAMES, check_names, run_again
from slotwise.errors import InputError, SlotwiseError

#: Exit status where something has become worse than what is stored.
WORSE = 1
#: Exit status of a run that could not be made.
FAILED = 2
#: Files of a run in the documentation: its figures, and the page of them.
FIGURES, PAGE = "benchmarks.json", "benchmarks.md"


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(NAMES)}; none for all.")
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1.0,
            help="Share of the full effort, less shows less; without it 1, or that of --check.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    write: Annotated[
        Path | None, typer.Option(help="Folder for page, figures and plots.", file_okay=False)
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="Compare with these figures.", dir_okay=False)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of real minute quotes, for marks alone.", file_okay=False),
    ] = None,
) -> None:
    """Measure this machine and this version beside what others do, as ratios.

    Exit status: 0; 1 when --check twice finds a ratio worse than its noise explains, or --data
    misses a goal; 2 for a failure.

    Example: python -m benchmarks ticks
    """
    if write is not None and names:
        raise InputError("--write is for a whole run: name no benchmark")
    if data is not None and (names != ["marks"] or write is not None or check is not None):
        raise InputError("--data is for `python -m benchmarks marks` alone")
    check_names(names or ())
    stored = None if check is None else _read(check)
    if share is None:
        share = 1.0 if stored is None else stored.share
    console = Console(stderr=True)
    say = partial(console.print, style="red", highlight=False)
    parts = []
    for name in names or NAMES:
        console.print(f"{name} ...", highlight=False)
        parts.append(run_again(name, share, say) if data is None else run_on(data))
        console.print(f"{name}: {parts[-1].seconds:.0f} s", highlight=False)
        if not as_json:
            _show(parts[-1])
    run = Run(at=datetime.now(UTC).isoformat(), machine=machine(), parts=tuple(parts), share=share)
    if as_json:
        sys.stdout.write(msgspec.json.encode(run).decode() + "\n")
    if write is not None:
        _write(run, write)
    if data is not None and (goals := missed(parts[0])):
        for line in goals:
            console.print(f"missed: {line}", style="red", highlight=False)
        raise typer.Exit(WORSE)
    if stored is not None:
        worse = worse_twice(stored, run, lambda name: run_again(name, run.share, say), say)
        for line in worse:
            say(f"worse again: {line}")
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
    """Write figures and page, and then the plots: a plot that fails loses no figure."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    # Indented, so that a change of one figure is one line of a comparison.
    (folder / FIGURES).write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    (folder / PAGE).write_text(page_of(run, "pictures"))
    for part in run.parts:
        for plot in part.plots:
            draw(plot, pictures / f"bench-{plot.name}.svg")


def main() -> None:
    """Run the command line; an error of Slotwise is one line on standard error."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(bench)
    try:
        app(prog_name="python -m benchmarks")
    except SlotwiseError as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
