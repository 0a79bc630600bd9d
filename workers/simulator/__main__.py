"""`python -m workers.simulator`."""

import typer

from workers.simulator.command import simulator

if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(simulator)
    app()
