"""Handlers named in the settings, as module:Class."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from slotwise.errors import InputError
from slotwise.handlers import Handler


def load_handlers(names: Iterable[str]) -> list[Handler]:
    """Import and construct each handler; raises InputError that says which cannot be used."""
    return [_load(name) for name in names]


def _load(name: str) -> Handler:
    module_name, _, class_name = name.partition(":")
    if not module_name or not class_name:
        raise InputError(f"handler {name!r} is not of the form module:Class")
    try:
        handler = getattr(importlib.import_module(module_name), class_name)()
    except Exception as error:  # whatever the user's module does at import
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"handler {name!r} cannot be loaded: {reason}") from error
    if not isinstance(handler, Handler):
        raise InputError(f"handler {name!r} needs a name and a method on_updates(updates)")
    return handler
