"""`slotwise doctor`."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import typer
from msgspec.structs import replace
from rich.text import Text

from slotwise.errors import InputError, LakeError
from slotwise.health.checks import (
    Check,
    gateway_checks,
    lake_checks,
    landing_checks,
    redis_checks,
    worker_checks,
)
from slotwise.health.profit_words import profit_checks
from slotwise.health.verdict.rules_landing import find_landing_late
from slotwise.lake.maintenance import table_state
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import Lake
from slotwise.settings import Settings, settings
from workers.commands.common import AsJson
from workers.commands.look_once import look_once
from workers.commands.output import PlainTable, console, say_json
from workers.probe.comparison import probe_checks
from workers.probe.fact import read_report
from workers.screen.facts import LakeFacts, Screen
from workers.screen.verdict import checks_of, facts_of, title_of, verdict_of

#: Packages whose versions matter when something is odd.
NAMED = ("celery", "kombu", "redis", "ib_async", "deltalake", "pyarrow", "flower")
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(
    as_json: AsJson = False,
) -> None:
    """Check Redis, gateway, TWS, workers, landing and lake, and say what to do.

    The first line is the verdict, as in status. Exit status: 0 well, 1
    something is wrong, 2 cannot tell.

    Example: slotwise doctor
    """
    looked = look_once()
    config = settings()
    screen, lake_rows = _try_lake(looked, config)
    verdict = verdict_of(screen)
    if any(one.state == "lake_trouble" for one in verdict.findings):
        # Shown by the verdict; where no system runs it shows that alone.
        lake_rows = []
    rows = [*checks_of(screen), _versions(), *sound_rows(screen), *lake_rows]
    rows += _probe(config, screen)
    if as_json:
        say_json(rows)
    else:
        out = console()
        out.print(verdict.sentence)
        table = PlainTable()
        for column in ("what", "is", "seen", "do"):
            table.add_column(column, overflow="fold")
        for one in rows:
            # The cause's sentence stands above the table.
            is_cause = one.name == title_of(verdict.state) and verdict.sentence.startswith(one.seen)
            table.add_row(
                one.name,
                Text(one.verdict, STYLES[one.verdict]),
                "as above" if is_cause else one.seen,
                one.advice,
            )
        out.print(table)
    raise typer.Exit(verdict.exit_status)


def _versions() -> Check:
    named = ", ".join(f"{name} {version(name)}" for name in NAMED)
    return Check("versions", "ok", f"Python {platform.python_version()}, {named}")


def sound_rows(screen: Screen) -> list[Check]:
    """Return the rows on parts that work; the others are in the verdict's findings."""
    bus, workers = screen.bus, screen.workers
    if bus is None or bus.error:
        return []
    found = verdict_of(screen).findings
    names = {one.state for one in found}
    rows = redis_checks(bus.redis)
    if not names & {"no_system", "gateway_away"}:
        rows += gateway_checks(bus.gateway)
        rows += profit_checks(bus.gateway.witness) if bus.gateway is not None else []
    if workers is not None and not workers.error:
        rows += worker_checks(workers.queues)
    if find_landing_late(facts_of(screen)) is None and "lake_trouble" not in names:
        rows += landing_checks(bus.queue, screen.now)
    if "clocks" in names:
        rows = [row for row in rows if row.name != "clock"]
    return rows


def _probe(config: Settings, screen: Screen) -> list[Check]:
    """Compare with the last probe, where there was one."""
    file = Path(config.probe).expanduser()
    try:
        report = read_report(file.read_bytes(), str(file))
    except FileNotFoundError:
        return []
    except (OSError, InputError) as error:
        return [Check("probe", "warn", str(error), "probe again: slotwise probe")]
    gateway = screen.bus.gateway if screen.bus is not None and not screen.bus.error else None
    return probe_checks(report, gateway, screen.now)


def _try_lake(screen: Screen, config: Settings) -> tuple[Screen, list[Check]]:
    """Try to write the lake from here too; what fails is a fact for the verdict, as all else is."""
    lake = Lake(config.lake_path)
    try:
        lake.verify()
        lake.check_writable()
        return screen, lake_checks({name: table_state(lake, name).files for name in TABLES})
    except LakeError as error:
        known = screen.lake or LakeFacts(read_at=screen.now)
        return replace(screen, lake=replace(known, error=known.error or str(error))), [
            Check("lake", "fail", str(error))
        ]
