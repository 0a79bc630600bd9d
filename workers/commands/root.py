"""All commands under one name."""

from __future__ import annotations

import typer

from slotwise.logs import configure_logging
from workers.commands.bench import bench
from workers.commands.celery import beat, flower, worker
from workers.commands.demo import demo
from workers.commands.doctor import doctor
from workers.commands.lake import lake
from workers.commands.lines import lines, why
from workers.commands.positions import history, positions
from workers.commands.queue import queue
from workers.commands.reconcile import reconcile
from workers.commands.report import report
from workers.commands.silence import silence
from workers.commands.strategies import strategies
from workers.commands.top import status, top
from workers.commands.up import up
from workers.gateway.command import gateway
from workers.simulator.command import simulator

app = typer.Typer(
    name="slotwise",
    help="Stream the Interactive Brokers contracts that matter, poll the rest, land both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _log_to_standard_error() -> None:
    """Keep standard output for what was asked for."""
    configure_logging()


app.command("demo")(demo)
app.command("up")(up)
app.command("gateway")(gateway)
app.command("worker")(worker)
app.command("beat")(beat)
app.command("flower")(flower)
app.command("simulator")(simulator)
app.command("reconcile")(reconcile)
app.command("top")(top)
app.command("status")(status)
app.command("doctor")(doctor)
app.command("lake")(lake)
app.command("report")(report)
app.command("positions")(positions)
app.command("history")(history)
app.command("bench")(bench)
app.command("lines")(lines)
app.command("why")(why)
app.add_typer(strategies, name="strategies")
app.add_typer(queue, name="queue")
app.add_typer(silence, name="silence")
