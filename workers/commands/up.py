"""`slotwise up`: the one-machine stack against a real TWS."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.bus.lake_identity import LakeIdentity
from slotwise.bus.status import StatusBoard
from slotwise.errors import InputError, LakeAbsentError
from slotwise.lake.first_start import begin
from slotwise.lake.store import Lake
from slotwise.redis_address import parse_redis_address
from slotwise.secret_files import variable
from slotwise.settings import Settings, settings
from slotwise.stack_variables import STATE, USUAL_STATE
from workers.commands.celery import FLOWER_PORT
from workers.commands.output import say
from workers.commands.web import WEB_PORT
from workers.stack.flower_login import flower_login
from workers.stack.gateway_words import GatewayWords
from workers.stack.interrupt import Flag, until_interrupted
from workers.stack.ports import free_port, is_free
from workers.stack.processes import (
    celery_specs,
    gateway_spec,
    monitor_spec,
    redis_spec,
    web_spec,
)
from workers.stack.state_folder import (
    alone_in,
    earlier_lake,
    ensure_state,
    kept_port,
    write_env_file,
)
from workers.stack.supervisor import Supervisor
from workers.web.requests import read_prefix

#: Time between two looks at the children, seconds.
TEND_S = 0.5


def up(
    state: Annotated[
        Path | None,
        typer.Option(help="Folder for logs and the embedded Redis; SLOTWISE_STATE, or state."),
    ] = None,
    flower_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Flower's port; 0 picks one.")
    ] = FLOWER_PORT,
    web_port: Annotated[
        int, typer.Option(min=0, max=65535, help="The web application's port; 0 picks one.")
    ] = WEB_PORT,
) -> None:
    """Run gateway, workers, beat, web and Flower on this machine until Ctrl-C.

    TWS, the lake and everything else are named by settings, in the environment or in .env.
    Without REDIS_URL an embedded Redis is started.

    Example: SLOTWISE_IB_PORT=7497 SLOTWISE_LAKE=lake/live slotwise up
    """
    named = state or Path(variable(STATE) or USUAL_STATE)
    # What an earlier start wrote there is no setting of this one.
    os.environ[STATE] = ""
    config = settings()
    state = named.absolute()
    ensure_state(state)
    with alone_in(state):
        _run(config, state, flower_port, web_port)


def _run(config: Settings, state: Path, flower_port: int, web_port: int) -> None:
    _check_port(flower_port, "--flower-port")
    if config.web:
        _check_port(web_port, "--web-port")
    embedded = "redis_url" not in config.model_fields_set
    redis_port = kept_port(state) if embedded else 0
    url = f"redis://127.0.0.1:{redis_port}/0" if embedded else config.redis_url
    bus = Bus(url, config.key_prefix, COMMAND_TIMEOUT_S)
    port, web_port = flower_port or free_port(), web_port or free_port()
    # The gateway waits for TWS as long as it takes: over a night, or a weekend.
    env = {
        "SLOTWISE_REDIS_URL": url,
        # A file named elsewhere no longer counts.
        "SLOTWISE_REDIS_URL_FILE": "",
        "SLOTWISE_KEY_PREFIX": config.key_prefix,
        "SLOTWISE_LAKE": config.lake_path,
        "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
    }
    with until_interrupted() as interrupted, Supervisor() as stack:
        if embedded:
            stack.start_redis(redis_spec(redis_port, state), bus)
        else:
            bus.ping()
        _begin_lake(config, bus, state)
        gateway = GatewayWords(StatusBoard(bus))
        stack.start(gateway_spec(env, state))
        stack.start(monitor_spec(env, state))
        for spec in celery_specs(env, state, port):
            stack.start(spec)
        login = flower_login(state)
        if config.web:
            flower = config.flower_url or f"http://127.0.0.1:{port}"
            web_env = {**env, "SLOTWISE_FLOWER_URL": flower}
            stack.start(web_spec(web_env, state, web_port))
            prefix = read_prefix(config.web_prefix)
            _say(f"web     http://127.0.0.1:{web_port}{prefix}/  login {login}")
        _say(f"lake    {config.lake_path}")
        _say(f"redis   {parse_redis_address(url).label}")
        _say(f"flower  http://127.0.0.1:{port}  login {login}")
        _say(f"logs    {state / 'logs'}")
        _say(_look(write_env_file(state, env), state))
        _say(f"TWS     {config.ib_host}:{config.ib_port}")
        _watch(stack, gateway, interrupted)


def _check_port(port: int, option: str) -> None:
    """Raise InputError where a port is in use that the user named."""
    if port and not is_free(port):
        raise InputError(f"port {port} is in use: name another by {option}, or 0")


def _look(file: Path, state: Path) -> str:
    """Return how another terminal finds this system."""
    if state == Path(USUAL_STATE).absolute():
        return "look    in another terminal, in this folder: slotwise top"
    return f"look    in another terminal: . {file}; slotwise top"


def _begin_lake(config: Settings, bus: Bus, state: Path) -> None:
    """Make the lake at a first start; where it is absent, all processes wait for it."""
    lake, identity = Lake(config.lake_path, LakeIdentity(bus).expected), LakeIdentity(bus)
    try:
        begin(lake, identity, config.spool_file)
        lake.check_writable()
    except LakeAbsentError as error:
        _say(f"lake    {error}")
        before = earlier_lake(state)
        if before and before != config.lake_path:
            _say(f"        the system of this folder has worked with {before!r} until now")


def _watch(stack: Supervisor, gateway: GatewayWords, interrupted: Flag) -> None:
    """Restart children that ended and print what changes, one line each."""
    while not interrupted():
        stack.rotate_logs()
        for child in stack.tend():
            _say(f"{child.spec.name} died and was started again: {child.last_words()}")
        if words := gateway.news():
            _say(words)
        time.sleep(TEND_S)


def _say(text: str) -> None:
    say(text)
    sys.stdout.flush()
