"""A run as a page of the documentation. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Part, Ratio, Run, Table, number

#: The words of a ratio's standing.
STANDING = {True: "met", False: "**missed**", None: ""}
HEAD = """\
# Benchmarks

Made by `make bench` from one run. Each figure that counts is a ratio of two things measured side
by side in that run, as `median (lowest to highest)`; absolute figures are this machine's only. A
goal that is missed names the table of its part that says where the time goes, from the same run.
What was mended on the way, with before and after, and how noise was chosen, is in the
[notes](benchmark-notes.md).

    {made:<38} # made this page, in {minutes:.0f} minutes
    .venv/bin/python -m benchmarks ticks   # one of them: {names}
    make bench-check                       # again, and compared with the ratios below
"""


def page_of(run: Run, pictures: str) -> str:
    """Write a run as Markdown; `pictures` is the folder of its plots as the page sees it."""
    effort = "" if run.share == 1 else f" ARGS='--share {run.share:g}'"
    head = HEAD.format(
        names=", ".join(part.name for part in run.parts),
        made=f"make bench{effort}",
        minutes=sum(part.seconds for part in run.parts) / 60,
    )
    parts = (_part(part, pictures) for part in run.parts)
    return "\n".join([head, _machine(run), _goals(run.parts), *parts])


def spread(ratio: Ratio) -> str:
    """Write a ratio as its median and its reach."""
    value = ratio.value
    if value.count == 1:
        return number(value.median)
    return f"{number(value.median)} ({number(value.low)} to {number(value.high)})"


def goal(ratio: Ratio) -> str:
    """Write a goal: at most or at least so much."""
    if ratio.goal is None:
        return ""
    return f"{'at most' if ratio.better == 'less' else 'at least'} {ratio.goal:g}"


def _machine(run: Run) -> str:
    machine = run.machine
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    effort = "" if run.share == 1 else f" A share of {run.share:g} of the full effort:"
    return (
        f"Run of {run.at[:16].replace('T', ' ')} UTC: {machine.cpu}, {machine.cores} cores,"
        f" {machine.memory_gb:g} GB, {machine.system}, Python {machine.python}; {packages}."
        f"{effort} {sum(part.seconds for part in run.parts):.0f} s in all.\n"
    )


def _goals(parts: Sequence[Part]) -> str:
    rows = tuple(
        (part.name, ratio.name, ratio.of, spread(ratio), goal(ratio), _standing(ratio))
        for part in parts
        for ratio in part.ratios
        if ratio.goal is not None
    )
    columns = ("part", "what", "ratio of", "found", "goal", "")
    return "## Goals\n\n" + _markdown(columns, rows)


def _standing(ratio: Ratio) -> str:
    """Write whether a goal is met, and where it is not, which table shows where the time goes."""
    if ratio.met is False and ratio.profile:
        return f"{STANDING[ratio.met]}: see *{ratio.profile}*"
    return STANDING[ratio.met]


def _part(part: Part, pictures: str) -> str:
    rows = tuple((r.name, r.of, spread(r), goal(r), STANDING[r.met]) for r in part.ratios)
    blocks = [
        f"## {part.title}\n",
        f"`python -m benchmarks {part.name}`, {part.seconds:.0f} s. {part.how}\n",
        _markdown(("what", "ratio of", "found", "goal", ""), rows),
        *(_table(table) for table in part.tables),
        *(f"![{plot.title}]({pictures}/bench-{plot.name}.svg)\n" for plot in part.plots),
    ]
    return "\n".join(blocks)


def _table(table: Table) -> str:
    return f"{table.title}:\n\n" + _markdown(table.columns, table.rows)


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    # A function's `<listcomp>` is no tag.
    return "".join("| " + " | ".join(line) + " |\n" for line in lines).replace("<", "&lt;")
