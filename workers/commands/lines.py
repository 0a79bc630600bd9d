"""`slotwise lines` and `slotwise why`: who holds a line, who waits, and what for."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.bus.answers import Answers
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, WhyAsked
from slotwise.bus.status import GatewayStatus, QuoteAges, StatusBoard, Why
from slotwise.errors import InputError, SlotwiseError
from slotwise.settings import settings
from workers.commands.blind import say_blind

#: The gateway answers within milliseconds; a busy machine takes longer, seconds.
ANSWER_S = 3.0
NO_GATEWAY = "no gateway runs on this Redis: start one with slotwise gateway or slotwise up"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def lines(as_json: AsJson = False) -> None:
    """Show who holds a line, who waits, and what the rotation promises.

    Example: slotwise lines
    """
    with _bus() as bus:
        status = StatusBoard(bus).get(GatewayStatus)
    if status is None:
        raise SlotwiseError(NO_GATEWAY)
    if as_json:
        sys.stdout.write(msgspec.json.encode(_as_data(status)).decode() + "\n")
        return
    console = Console()
    console.print(
        f"{len(status.lines)} of {status.limit} lines held, {len(status.waiting)} wait; "
        f"session: {status.session} {status.detail}".rstrip()
    )
    table = Table()
    for column in ("contract id", "contract", "strategy"):
        table.add_column(column)
    for con_id, (label, strategy) in status.lines.items():
        table.add_row(str(con_id), label, strategy)
    console.print(table)
    for place, con_id in enumerate(status.waiting, 1):
        console.print(f"waits, place {place}: {con_id} {status.refused.get(con_id, '')}".rstrip())
    rotation = status.rotation
    if rotation.contracts:
        console.print(
            f"rotation: {rotation.contracts} contracts, {rotation.rate_achieved:g} quotes/s of "
            f"{rotation.rate_planned:g} planned; {rotation.resting} rest"
        )
        for name, ages in (("watchlist", rotation.watched), ("others", rotation.others)):
            if ages.contracts:
                console.print(f"  {name}: {_ages(ages)}")


def why(
    con_id: Annotated[int, typer.Argument(help="The contract id.")],
    blind: Annotated[
        bool, typer.Option("--blind", help="List when it was not seen, from the lake.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say why a contract holds a line, waits for one, or has none; or when it was not seen.

    Example: slotwise why 756733 --blind
    """
    if con_id < 1:
        raise InputError(f"contract id {con_id} is not a positive number")
    if blind:
        say_blind(con_id, as_json)
        return
    question = secrets.token_hex(8)
    with _bus() as bus:
        Commands(bus).send(WhyAsked(question, con_id))
        answer = Answers(bus).fetch(question, Why, ANSWER_S)
    if answer is None:
        raise SlotwiseError(NO_GATEWAY)
    if as_json:
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        return
    named = f"{answer.con_id} {answer.label}".rstrip()
    owners = f" ({', '.join(answer.strategies)})" if answer.strategies else ""
    sys.stdout.write(f"{named}: {answer.state}{owners}\n")
    for detail in answer.details:
        sys.stdout.write(f"  {detail}\n")


@contextmanager
def _bus() -> Iterator[Bus]:
    bus = Bus(settings().redis_url, settings().key_prefix)
    try:
        yield bus
    finally:
        bus.close()


def _as_data(status: GatewayStatus) -> dict[str, object]:
    return {
        "session": status.session,
        "limit": status.limit,
        "held": [
            {"con_id": con_id, "label": label, "strategy": strategy}
            for con_id, (label, strategy) in status.lines.items()
        ],
        "waiting": status.waiting,
        "refused": {str(con_id): reason for con_id, reason in status.refused.items()},
        "rotation": status.rotation,
    }


def _ages(ages: QuoteAges) -> str:
    return (
        f"{ages.contracts} contracts, oldest quote {_seconds(ages.worst_s)} of "
        f"{_seconds(ages.planned_s)} planned, {ages.never_quoted} not quoted yet"
    )


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} s"
