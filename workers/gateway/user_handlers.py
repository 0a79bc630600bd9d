"""Handlers named in the settings, as module:Class; also modules of the working folder."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

from slotwise.errors import InputError
from slotwise.handlers import Handler
from workers.launch import find_user_modules


def load_handlers(names: Iterable[str]) -> list[Handler]:
    """Import and construct each handler; raise InputError that names the one that fails."""
    names = list(names)
    if names:
        find_user_modules()
    return [_load(name) for name in names]


def _load(name: str) -> Handler:
    module_name, _, class_name = name.partition(":")
    if not module_name or not class_name:
        raise InputError(f"handler {name!r} is not of the form module:Class")
    try:
        handler = getattr(importlib.import_module(module_name), class_name)()
    except Exception as error:  # whatever the user's module does at import
        reason = f"{type(error).__name__}: {error}{_where(module_name)}"
        raise InputError(f"handler {name!r} cannot be loaded: {reason}") from error
    if not isinstance(handler, Handler):
        raise InputError(f"handler {name!r} needs a name and a method on_updates(updates)")
    return handler


def _where(module_name: str) -> str:
    """Return words for the imported file: an installed module goes before one of the folder."""
    file = getattr(sys.modules.get(module_name), "__file__", None)
    return f" (in {file})" if file else ""
