"""`slotwise up`: the one-machine stack against a real TWS."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import BusError, InputError
from slotwise.lake.store import Lake
from slotwise.passwords import without_passwords
from slotwise.settings import settings
from workers.commands.celery import FLOWER_PORT
from workers.stack.env_file import write_env_file
from workers.stack.flower_login import flower_login
from workers.stack.interrupt import Flag, until_interrupted
from workers.stack.ports import free_port, is_free
from workers.stack.processes import celery_specs, gateway_spec, redis_spec
from workers.stack.state_folder import ensure_state
from workers.stack.supervisor import Supervisor

#: Time between two looks at the children, seconds.
TEND_S = 0.5


def up(
    state: Annotated[Path, typer.Option(help="Folder for logs and the embedded Redis.")] = Path(
        "state"
    ),
    flower_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Flower's port; 0 picks one.")
    ] = FLOWER_PORT,
) -> None:
    """Run gateway, workers, beat and Flower on this machine until Ctrl-C.

    TWS, the lake and everything else are named by settings, in the environment or in .env.
    Without REDIS_URL an embedded Redis is started.

    Example: SLOTWISE_IB_PORT=7497 SLOTWISE_LAKE=lake/live slotwise up
    """
    config = settings()
    state = state.absolute()
    ensure_state(state)
    if flower_port and not is_free(flower_port):
        raise InputError(f"port {flower_port} is in use: name another by --flower-port, or 0")
    Lake(config.lake_path).ensure()
    embedded = "redis_url" not in config.model_fields_set
    redis_port = free_port()
    url = f"redis://127.0.0.1:{redis_port}/0" if embedded else config.redis_url
    bus = Bus(url, config.key_prefix)
    port = flower_port or free_port()
    # The gateway waits for TWS as long as it takes: over a night, or a weekend.
    env = {
        "SLOTWISE_REDIS_URL": url,
        "SLOTWISE_KEY_PREFIX": config.key_prefix,
        "SLOTWISE_LAKE": config.lake_path,
        "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
    }
    with until_interrupted() as interrupted, Supervisor() as stack:
        if embedded:
            stack.start_redis(redis_spec(redis_port, state), bus)
        else:
            bus.ping()
        stack.start(gateway_spec(env, state))
        for spec in celery_specs(env, state, port):
            stack.start(spec)
        _say(f"lake    {config.lake_path}")
        _say(f"redis   {without_passwords(url)}")
        _say(f"flower  http://127.0.0.1:{port}  login {flower_login(state)}")
        _say(f"logs    {state / 'logs'}")
        _say(f"look    in another terminal: . {write_env_file(state, env)}; slotwise top")
        _say(f"TWS     {config.ib_host}:{config.ib_port}")
        _watch(stack, StatusBoard(bus), interrupted)


def _watch(stack: Supervisor, board: StatusBoard, interrupted: Flag) -> None:
    """Tend the children and say what changes, one line each."""
    said = ""
    while not interrupted():
        for child in stack.tend():
            _say(f"{child.spec.name} died and was started again: {child.last_words()}")
        status = None
        with suppress(BusError):
            status = board.get(GatewayStatus)
        line = f"gateway {status.session} {status.detail}".rstrip() if status else ""
        if line and line != said:
            _say(line)
            said = line
        time.sleep(TEND_S)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
