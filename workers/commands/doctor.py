"""`slotwise doctor`."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.bus.client import Bus
from slotwise.bus.facts import redis_facts
from slotwise.bus.status import GatewayStatus, QueueStatus, StatusBoard
from slotwise.errors import BusError, LakeError
from slotwise.health.checks import (
    Check,
    gateway_checks,
    lake_checks,
    landing_checks,
    redis_checks,
    worker_checks,
)
from slotwise.lake.maintenance import table_state
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import Lake
from slotwise.settings import Settings, settings
from tasks.roll_call import roll_call

#: Packages whose versions matter when something is odd.
NAMED = ("celery", "kombu", "redis", "ib_async", "deltalake", "pyarrow", "flower")
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
#: Exit status where something does not work.
SICK = 1


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check Redis, gateway, TWS, workers, landing and lake, and say what to do.

    Exit status: 0 when nothing fails, 1 when something does.

    Example: slotwise doctor
    """
    checks = [_versions(), *_examine(settings(), datetime.now(UTC))]
    if as_json:
        sys.stdout.write(msgspec.json.encode(checks).decode() + "\n")
    else:
        table = Table()
        for column in ("what", "is", "seen", "do"):
            table.add_column(column, overflow="fold")
        for one in checks:
            table.add_row(
                one.name, f"[{STYLES[one.verdict]}]{one.verdict}[/]", one.seen, one.advice
            )
        Console().print(table)
    raise typer.Exit(SICK if any(one.verdict == "fail" for one in checks) else 0)


def _versions() -> Check:
    named = ", ".join(f"{name} {version(name)}" for name in NAMED)
    return Check("versions", "ok", f"Python {platform.python_version()}, {named}")


def _examine(config: Settings, now: datetime) -> list[Check]:
    bus = Bus(config.redis_url, config.key_prefix)
    try:
        facts = redis_facts(bus)
        checks = redis_checks(facts)
        if not facts.error:
            board = StatusBoard(bus)
            checks += gateway_checks(board.get(GatewayStatus), now, config.poll_interval_s)
            checks += worker_checks(roll_call())
            checks += landing_checks(board.get(QueueStatus), now, config.beat_s)
    except BusError as error:
        checks.append(Check("redis", "fail", str(error), "look at its log"))
    finally:
        bus.close()
    return [*checks, *_lake(config)]


def _lake(config: Settings) -> list[Check]:
    try:
        lake = Lake(config.lake_path)
        lake.ensure()
        return lake_checks("", {name: table_state(lake, name).files for name in TABLES})
    except LakeError as error:
        return lake_checks(str(error), {})
