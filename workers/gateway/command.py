"""`slotwise gateway`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from slotwise.logs import configure_logging
from slotwise.settings import read_settings
from workers.gateway.run import run_gateway


def gateway(
    host: Annotated[
        str | None, typer.Option(help="Where TWS or IB Gateway listens.  [SLOTWISE_IB_HOST]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Its API port.  [SLOTWISE_IB_PORT]")
    ] = None,
    client_id: Annotated[
        int | None, typer.Option(help="An id no other API client uses.  [SLOTWISE_IB_CLIENT_ID]")
    ] = None,
    lines: Annotated[
        int | None, typer.Option(help="Market data lines to use at most.  [SLOTWISE_LINES]")
    ] = None,
    poll_interval: Annotated[
        float | None,
        typer.Option(help="Seconds between position polls.  [SLOTWISE_POLL_INTERVAL_S]"),
    ] = None,
    connect_timeout: Annotated[
        float | None,
        typer.Option(
            help="Give up the first connection after these seconds; 0 never does.  "
            "[SLOTWISE_IB_CONNECT_TIMEOUT_S]"
        ),
    ] = None,
    lake: Annotated[
        str | None, typer.Option(help="Folder or s3:// address of the tables.  [SLOTWISE_LAKE]")
    ] = None,
    standby: Annotated[
        bool,
        typer.Option("--standby", help="Where a gateway runs already, wait to take its place."),
    ] = False,
) -> None:
    """Own the one IB connection: poll positions, stream active contracts, queue the others.

    Example: slotwise gateway --port 7497 --lines 100 --standby
    """
    config = read_settings(
        ib_host=host,
        ib_port=port,
        ib_client_id=client_id,
        lines=lines,
        poll_interval_s=poll_interval,
        ib_connect_timeout_s=connect_timeout,
        lake=lake,
    )
    configure_logging(json=config.log_json, whole_accounts=config.log_accounts)
    asyncio.run(run_gateway(config, standby=standby))
