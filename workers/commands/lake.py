"""`slotwise lake`: how large each table is; `init`, `adopt`, `check`, `repair`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer

from slotwise.bus.lake_identity import LakeIdentity
from slotwise.bus.leases import Lease
from slotwise.errors import BusError, LakeError
from slotwise.lake.check import check_lake
from slotwise.lake.maintenance import table_state
from slotwise.lake.repair import repair_lake
from slotwise.lake.schemas import TABLES
from tasks.lake_admin import ask
from workers.commands.common import AsJson, open_bus, open_lake
from workers.commands.output import PlainTable, console, say, say_json

#: Bytes of a megabyte.
MB = 1_000_000


#: Exit status where something is broken.
BROKEN = 1
#: A repair takes at most this long, milliseconds; then others may have their turn.
REPAIR_MS = 300_000
#: The lake worker may be busy with a landing for this long, seconds.
ANSWER_S = 30.0


lake = typer.Typer()


@lake.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show rows, files, size and version of each table, and its last maintenance.

    Example: slotwise lake
    """
    if context.invoked_subcommand is None:
        _show(as_json)


@lake.command("init")
def init() -> None:
    """Make the lake where there is none; the lake worker does it, at the place it was given.

    Example: slotwise lake init
    """
    answer = ask("init", ANSWER_S)
    done = "made" if answer["made"] else "was there already"
    say(f"lake {answer['lake']} ({answer['identity'][:8]}) {done}")


@lake.command("adopt")
def adopt() -> None:
    """Work with the lake that is at the place now, whichever the system worked with before.

    Example: slotwise lake adopt
    """
    answer = ask("adopt", ANSWER_S)
    say(f"the system works with lake {answer['lake']} ({answer['identity'][:8]})")


@lake.command("check")
def check(as_json: AsJson = False) -> None:
    """Look for what a power cut has broken in a local lake: torn commits, checkpoints, files.

    Exit status: 0 when nothing is broken, 1 when something is.

    Example: slotwise lake check
    """
    faults = check_lake(open_lake())
    if as_json:
        say_json(faults)
    for fault in () if as_json else faults:
        say(f"{fault.table}: {fault.kind.replace('_', ' ')}: {fault.seen}")
    if not faults and not as_json:
        say("nothing is broken")
    raise typer.Exit(BROKEN if faults else 0)


@lake.command("repair")
def repair(as_json: AsJson = False) -> None:
    """Mend a local lake: cut torn commits, make checkpoints anew, and say what is gone.

    What is taken out goes to a folder beside the lake. Entries of commits that are cut land again.

    Example: slotwise lake repair
    """
    with _alone() as expected:
        done = repair_lake(open_lake(), expected, datetime.now(UTC))
    if as_json:
        say_json(done)
        return
    for one in done:
        say(f"{one.table}: {one.done}" + (f"; gone: {one.gone}" if one.gone else ""))
    if not done:
        say("nothing was broken")


@contextmanager
def _alone() -> Iterator[str | None]:
    """Keep the lake worker and maintenance away; yields the identity of the system's lake.

    Without Redis no lake worker works either. Raises LakeError while one is at work.
    """
    with open_bus() as bus:
        try:
            bus.ping()
        except BusError:
            yield None
            return
        with (
            Lease(bus, "lake", REPAIR_MS).held() as landing,
            Lease(bus, "maintenance", REPAIR_MS).held() as maintaining,
        ):
            if landing is None or maintaining is None:
                raise LakeError("the lake worker or maintenance is at work; try again in a moment")
            yield LakeIdentity(bus).asked()


def _show(as_json: bool) -> None:
    place = open_lake()
    place.verify()
    states = [table_state(place, name) for name in TABLES]
    if as_json:
        say_json(states)
        return
    table = PlainTable(title=place.address)
    for column in ("table", "rows", "files", "MB", "version", "maintained (UTC)"):
        table.add_column(
            column, justify="left" if column.startswith(("table", "main")) else "right"
        )
    for state in states:
        at = state.maintained_at
        table.add_row(
            state.table,
            f"{state.rows:,}",
            str(state.files),
            f"{state.bytes / MB:,.1f}",
            str(state.version),
            f"{at:%Y-%m-%d %H:%M:%S}" if at else "never",
        )
    console().print(table)
