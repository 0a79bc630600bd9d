"""Flower's calls that start a task: arguments that the task refuses are answered with 400 and why.

Flower itself takes any arguments; what is wrong would be found by a worker, where the caller does
not see it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import flower.urls
from flower.api.tasks import TaskApply, TaskAsyncApply, TaskSend
from tornado.web import HTTPError

from slotwise.account import masked_in
from slotwise.errors import InputError
from tasks.app import app
from tasks.reconciliation import check_arguments

#: Checks of the values of a task's arguments, by the task's name; each raises InputError.
CHECKS: Mapping[str, Callable[..., None]] = {
    "tasks.reconciliation.reconcile": check_arguments,
}


def wrong_call(name: str, args: list[object], kwargs: Mapping[str, object]) -> str:
    """Return what is wrong with the arguments of a task; empty where nothing is known to be."""
    task = app.tasks.get(name)
    if task is None:
        return ""
    try:
        bound = inspect.signature(task.run).bind(*args, **kwargs)
        bound.apply_defaults()
        if name in CHECKS:
            CHECKS[name](**bound.arguments)
    except (TypeError, InputError) as error:
        return f"{name}: {masked_in(str(error))}"
    return ""


def _checking_handler(handler: type[Any]) -> type[Any]:
    """Return a handler of Flower's that checks arguments first."""

    class Checked(handler):  # type: ignore[misc]  # a class that is known when it runs
        def get_task_args(self) -> tuple[Any, Any, Any]:
            args, kwargs, options = super().get_task_args()
            if not isinstance(kwargs, dict):
                raise HTTPError(400, "kwargs must be an object")
            reason = wrong_call(self.path_args[0], list(args), kwargs)
            if reason:
                # Tornado reads a percent sign as the place of an argument.
                raise HTTPError(400, reason.replace("%", "%%"))
            return args, kwargs, options

    return Checked


def use_checked_calls() -> None:
    """Make Flower check the arguments of the calls that start a task."""
    for place, handler in enumerate(flower.urls.handlers):
        if isinstance(handler, tuple) and handler[1] in (TaskApply, TaskAsyncApply, TaskSend):
            flower.urls.handlers[place] = (handler[0], _checking_handler(handler[1]), *handler[2:])
