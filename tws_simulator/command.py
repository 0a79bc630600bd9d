"""`tws-simulator`."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from tws_simulator.config import MESSAGES_PER_S, SERVER_VERSION, SimulatorConfig
from tws_simulator.errors import SimulatorError, UsageError
from tws_simulator.likeness.likeness import likeness_of
from tws_simulator.likeness.probe_file import read_facts
from tws_simulator.replay.server import serve_replay
from tws_simulator.server import serve
from tws_simulator.services.market_data.settle import SettleWay

#: Exit statuses of a command that could not do what it was asked, and of one asked for nonsense.
FAILED, USAGE = 1, 2
NAME = "tws-simulator"


def simulator(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="TCP port; 0 picks a free one. Either way it is printed.")
    ] = 7497,
    positions: Annotated[
        int, typer.Option(help="Positions in the default portfolio, 0 to 50000.")
    ] = 200,
    lines: Annotated[
        int, typer.Option(help="Market data lines that all clients share; 101 beyond.")
    ] = 100,
    seed: Annotated[int, typer.Option(help="Seed of portfolio and market.")] = 1,
    portfolio: Annotated[
        Path | None, typer.Option(help="JSON file of accounts and positions to hold instead.")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="File to append one JSON line to for every market data event."),
    ] = None,
    wire_log: Annotated[
        Path | None,
        typer.Option(help="File to append one JSON line to for every frame, both ways."),
    ] = None,
    holdings: Annotated[
        Path | None,
        typer.Option(help="File to append one JSON line to for every change of what is held."),
    ] = None,
    do: Annotated[
        list[str] | None,
        typer.Option(help="Command of the control port to give at the start, as JSON; repeatable."),
    ] = None,
    control: Annotated[
        int | None,
        typer.Option(help="TCP port on loopback for commands and faults as JSON lines."),
    ] = None,
    scenario: Annotated[
        Path | None,
        typer.Option(help="File of commands as JSON lines, each with the time it is given at."),
    ] = None,
    restart_at: Annotated[
        str,
        typer.Option(help="Local time (HH:MM) at which to restart every day, as TWS does."),
    ] = "",
    restart_takes: Annotated[
        float, typer.Option(help="Seconds a daily restart takes; connections are refused then.")
    ] = 60.0,
    server_version: Annotated[
        int, typer.Option(help="Newest TWS server version to speak, 157 to 200.")
    ] = SERVER_VERSION,
    us_hours: Annotated[
        bool,
        typer.Option("--us-hours", help="Close the market outside New York sessions."),
    ] = False,
    snapshots_free: Annotated[
        bool, typer.Option("--snapshots-free", help="Let open snapshots hold no line.")
    ] = False,
    messages_per_second: Annotated[
        int, typer.Option(help="Requests a client may send in a second before they wait; 0: any.")
    ] = MESSAGES_PER_S,
    reject_fast: Annotated[
        bool,
        typer.Option("--reject-fast", help="Reject instead of delay: 100, the third time the end."),
    ] = False,
    index_snapshots_wait: Annotated[
        bool,
        typer.Option("--index-snapshots-wait", help="End snapshots of an index after 11 s only."),
    ] = False,
    settle: Annotated[
        str,
        typer.Option(help="How long quotes take: measured as on a real TWS, or quick."),
    ] = "measured",
    like: Annotated[
        Path | None,
        typer.Option(help="File of slotwise probe: behave like that TWS, wherever it says how."),
    ] = None,
    account_updates_cost: Annotated[
        int, typer.Option(help="Lines that a client's account updates cost.")
    ] = 0,
    profit_cost: Annotated[
        float, typer.Option(help="Lines that each subscription to a holding's profits costs.")
    ] = 0.0,
    replay: Annotated[
        Path | None,
        typer.Option(help="Recording to answer from instead of a simulated market."),
    ] = None,
    replay_speed: Annotated[
        float, typer.Option(help="2 plays a recording in half of its time.")
    ] = 1.0,
    tick_rate: Annotated[
        int, typer.Option(help="Ticks a second over all lines, at least; 0: as the market makes.")
    ] = 0,
) -> None:
    """Simulate TWS for any IB API client: positions, live prices, the line limit.

    Example: tws-simulator --port 7497 --positions 200 --lines 100 --ledger ledger.jsonl
    """
    try:
        if replay is not None:
            asyncio.run(_replay_until_signal(replay, host, port, replay_speed))
            return
        config = SimulatorConfig(
            host=host,
            port=port,
            positions=positions,
            lines=lines,
            seed=seed,
            portfolio=portfolio,
            ledger=ledger,
            wire_log=wire_log,
            holdings=holdings,
            commands=tuple(do or ()),
            control_port=control,
            scenario=scenario,
            restart_at=restart_at,
            restart_takes_s=restart_takes,
            server_version=server_version,
            market_hours="us" if us_hours else "always",
            snapshots_count=not snapshots_free,
            messages_per_s=messages_per_second,
            reject_fast=reject_fast,
            tick_rate=tick_rate,
            index_snapshots_wait=index_snapshots_wait,
            settle=cast("SettleWay", settle),
            account_updates_cost=account_updates_cost,
            profit_cost=profit_cost,
        )
        if like is not None:
            config = likeness_of(read_facts(like)).applied_to(config)
        asyncio.run(_until_signal(config))
    except SimulatorError as error:
        sys.stderr.write(f"{context.command_path}: {error}\n")
        raise typer.Exit(USAGE if isinstance(error, UsageError) else FAILED) from None


def main() -> None:
    """Run the command line."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(simulator)
    app(prog_name=NAME)


async def _replay_until_signal(path: Path, host: str, port: int, speed: float) -> None:
    """Play a recording until SIGTERM or SIGINT."""
    await serve_replay(path, host, port, speed, _end_signal())


async def _until_signal(config: SimulatorConfig) -> None:
    """Serve until SIGTERM or SIGINT."""
    await serve(config, _end_signal())


def _end_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no signal handlers on loops; Ctrl-C ends the command there anyway.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, ended.set)
    return ended
