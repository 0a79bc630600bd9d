"""`slotwise web`: the portfolio and the verdict in a browser; it reads and changes nothing."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from slotwise.errors import InputError
from slotwise.logs import configure_logging
from slotwise.secret_files import variable
from slotwise.settings import settings
from workers.stack.flower_login import LOGIN

#: Beside Flower's usual port.
WEB_PORT = 5556


def web(
    host: Annotated[str, typer.Option(help="Address it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its port.")] = WEB_PORT,
) -> None:
    """Serve the portfolio and the verdict as pages, behind Flower's name and password.

    They are in FLOWER_BASIC_AUTH, or in the file that FLOWER_BASIC_AUTH_FILE
    names. Behind a proxy that serves it below a path, SLOTWISE_WEB_PREFIX
    names the path.

    Example: FLOWER_BASIC_AUTH=trader:SECRET slotwise web
    """
    config = settings()
    configure_logging(json=config.log_json, whole_accounts=config.log_accounts)
    login = variable(LOGIN) or ""
    if not all(login.partition(":")):
        raise InputError(f"no one is let in without a password: set {LOGIN}=NAME:PASSWORD")
    from workers.web.server import serve

    asyncio.run(serve(config, login, host, port))
