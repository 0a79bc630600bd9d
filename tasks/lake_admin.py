"""`lake_admin`: what an operator asks of the lake worker: a new lake, or to work with another one.

The lake worker makes the tables, since it is the one that writes them: a command line in another
folder, or on another machine, would make a second lake there.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import structlog
from celery import states

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.errors import BusError, LakeError, NoSystemError, SlotwiseError
from tasks.app import app, task
from tasks.context import context
from tasks.lake_lock import lake_turn
from tasks.redis_failure import raise_where_redis_fails, redis_failure_translated
from tasks.schedule import LAKE

log = structlog.get_logger(__name__)

#: Answer to a question that is no longer open.
LATE = {"error": "not done: its answer is no longer waited for"}
#: Time between two looks for the answer, seconds.
LOOK_S = 0.1


@task("tasks.lake_admin.init")
def init(asked: str = "") -> dict[str, Any]:
    """Make the lake where there is none; the system works with it from then on.

    Where it was `asked` for, it is done only while the answer is waited for.
    """
    lake, identity = context().lake, context().lake_identity
    try:
        if _is_late(asked):
            return LATE
        if lake.is_made():
            lake.complete()
            identity.remember(lake.identity())
            return {"made": False, "lake": lake.address, "identity": lake.identity()}
        lake.create()
        identity.adopt(lake.identity())
    except SlotwiseError as error:
        return {"error": str(error)}
    log.warning("new lake made", lake=lake.address, identity=lake.identity())
    return {"made": True, "lake": lake.address, "identity": lake.identity()}


@task("tasks.lake_admin.adopt")
def adopt(asked: str = "") -> dict[str, Any]:
    """Work with the lake that is there, whichever the system worked with before; as for `init`."""
    lake = context().lake
    try:
        if _is_late(asked):
            return LATE
        identity = lake.identity()
        context().lake_identity.adopt(identity)
        lake.complete()
        with lake_turn() as lander:
            if lander is not None:
                lander.forget()
    except SlotwiseError as error:
        return {"error": str(error)}
    log.warning("lake adopted", lake=lake.address, identity=identity)
    return {"lake": lake.address, "identity": identity}


def _is_late(asked: str) -> bool:
    return bool(asked) and not context().asked.is_open(asked)


def ask(name: str, timeout_s: float) -> dict[str, Any]:
    """Request one of these from the lake worker; raises NoSystemError where none answers in time.

    Raises LakeError with its reason where it could not.
    """
    config = context().settings
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    try:
        bus.ping()
    except BusError as error:
        raise NoSystemError(f"no system runs that could do it: {error}") from error
    finally:
        bus.close()
    with redis_failure_translated(f"lake {name}"):
        question = secrets.token_hex(8)
        context().asked.open(question, timeout_s)
        asked: str = app.send_task(f"tasks.lake_admin.{name}", (question,), queue=LAKE).id
        until = time.monotonic() + timeout_s
        while (answer := app.backend.get_task_meta(asked))["status"] not in states.READY_STATES:
            if time.monotonic() > until:
                raise_where_redis_fails()
                context().asked.close(question)
                raise NoSystemError(
                    f"no lake worker answers within {timeout_s:.0f} s: start the system first"
                    " (slotwise up, or slotwise worker --queue lake)"
                )
            time.sleep(LOOK_S)
    if answer["status"] != states.SUCCESS:
        raise LakeError(f"the lake worker failed: {answer['result']}")
    result: dict[str, Any] = answer["result"]
    if reason := result.get("error"):
        raise LakeError(str(reason))
    return result
