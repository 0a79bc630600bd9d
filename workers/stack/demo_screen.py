"""The demo's live screen: who holds the lines, what waits, what has landed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from slotwise.bus.status import GatewayStatus, QueueStatus, VerdictStatus
from slotwise.formatting import counted
from workers.stack.ledger import LineCount

#: Slots drawn at most; a larger account's bar is drawn to scale.
BAR_SLOTS = 100
#: Colour of the verdict by its standing.
VERDICT_STYLES = {"well": "green", "wrong": "red", "unknown": "yellow"}
#: Slots in one row of the bar: two rows fit a screen of 80 columns.
BAR_ROW = 50


def ways_in(control_port: int, env_file: Path) -> tuple[tuple[str, str], ...]:
    """Return how another terminal reaches the demo, without logins: name and what it says."""
    of_checkout = Path(".venv/bin/slotwise")
    program = of_checkout if of_checkout.exists() else "slotwise"
    return (
        ("faults", f"127.0.0.1:{control_port}, commands in tws_simulator/README.md"),
        ("look  ", f". {env_file}; {program} top"),
    )


class DemoView(msgspec.Struct, frozen=True, kw_only=True):
    """Hold everything one frame of the screen shows."""

    #: None until it was made for the first time.
    verdict: VerdictStatus | None
    seconds: float
    positions: int
    active: int
    lines: LineCount
    gateway: GatewayStatus | None
    queue: QueueStatus | None
    succeeded: int
    failed: int
    pending: int
    rows: int
    commits: int
    reconciliation: str
    links: tuple[tuple[str, str], ...]
    restarts: tuple[tuple[str, int], ...]


def render(view: DemoView) -> Group:
    """Draw one frame."""
    return Group(_headline(view), _lines(view), _work(view), _links(view))


def _headline(view: DemoView) -> Text:
    """Draw the verdict, and what to do where something is wrong."""
    verdict = view.verdict
    if verdict is None:
        return Text(" starting: no verdict yet", style="dim")
    text = Text(
        f" {verdict.sentence}", style=f"bold {VERDICT_STYLES.get(verdict.standing, 'yellow')}"
    )
    return text.append(f"\n {verdict.advice}", style="default") if verdict.advice else text


def _lines(view: DemoView) -> Panel:
    lines = view.lines
    scale = max(lines.limit / BAR_SLOTS, 1.0)
    held = round(lines.held / scale)
    free = max(round(lines.limit / scale) - held, 0)
    slots = "█" * held + "░" * free
    rows = [slots[start : start + BAR_ROW] for start in range(0, len(slots), BAR_ROW)]
    bar = Text("\n".join(rows), style="green")
    words = Text.assemble(
        (f"{lines.held}", "bold green"),
        f" of {lines.limit} lines held (peak {lines.peak}); rejected {lines.rejected}; ",
        f"{counted(view.positions, 'position')}, {view.active} active; "
        f"{counted(lines.quotes, 'quote')}\n",
    )
    holders = Text("starting ...")
    if view.gateway is not None:
        owners = Counter(owner for _, owner in view.gateway.lines.values())
        holders = Text(
            "  ".join(f"{owner} {count}" for owner, count in sorted(owners.items())) or "none yet",
            style="cyan",
        )
        if view.gateway.waiting:
            holders.append(f"   waiting for a line: {len(view.gateway.waiting)}", style="yellow")
    return Panel(Group(words + bar, holders), title="market data lines, as the simulator sees them")


def _work(view: DemoView) -> Panel:
    table = Table.grid(padding=(0, 3))
    now = datetime.now(UTC)
    gateway, queue = view.gateway, view.queue
    if gateway is None:
        table.add_row("gateway", "starting ...")
    else:
        polled = gateway.polled_at
        ago = f"polled {(now - polled).total_seconds():.0f} s ago" if polled else "not polled yet"
        table.add_row("gateway", f"{gateway.session}, {ago}, {counted(gateway.ticks, 'tick')}")
    if queue is None:
        table.add_row("queue", "starting ...")
    else:
        batches = counted(queue.batches, "batch", "batches")
        table.add_row("queue", f"{queue.waiting} waiting, {queue.leased} in {batches}")
        landed = counted(queue.landed_rows, "row")
        table.add_row("landing", f"{landed} in {queue.commit_ms:.0f} ms at the last beat")
    table.add_row("queue items", f"{view.succeeded} landed, {view.failed} failed")
    table.add_row(
        "lake", f"{counted(view.rows, 'position row')} in {counted(view.commits, 'commit')}"
    )
    table.add_row("reconciled", view.reconciliation)
    return Panel(table, title=f"{view.seconds:.0f} s")


def _links(view: DemoView) -> Text:
    text = Text()
    for name, value in view.links:
        text.append(f" {name} ", style="bold")
        text.append(f"{value}\n")
    for name, count in view.restarts:
        if count:
            text.append(f" {name} restarted {count} x\n", style="yellow")
    return text + Text(" Ctrl-C ends it", style="dim")
