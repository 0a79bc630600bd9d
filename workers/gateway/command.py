"""`slotwise gateway`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from slotwise.errors import InputError
from slotwise.logs import configure_logging
from slotwise.settings import Settings, settings
from workers.gateway.run import run_gateway


def gateway(
    host: Annotated[
        str | None, typer.Option(help="Where TWS or IB Gateway listens.  [SLOTWISE_IB_HOST]")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Its API port.  [SLOTWISE_IB_PORT]")] = None,
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
) -> None:
    """Own the one IB connection: poll positions, stream active contracts, queue the others."""
    config = _settings(
        ib_host=host,
        ib_port=port,
        ib_client_id=client_id,
        lines=lines,
        poll_interval_s=poll_interval,
        ib_connect_timeout_s=connect_timeout,
        lake=lake,
    )
    configure_logging(json=config.log_json)
    asyncio.run(run_gateway(config))


def _settings(**options: Any) -> Settings:
    """Read the environment, with the options given in its place."""
    given = {name: value for name, value in options.items() if value is not None}
    if not given:
        return settings()
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise InputError(f"{name}: {first['msg']}, got {first['input']!r}") from error
