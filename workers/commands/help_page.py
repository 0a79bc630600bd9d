"""Help pages without a type behind flags: `--json`, not `--json <bool>`."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption


class PlainCommand(TyperCommand):
    """A command whose flags have no type on its help page."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters."""
        return _without_types(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands whose flags have no type on its help page."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters."""
        return _without_types(super().get_params(ctx))


def with_plain_flags(app: typer.Typer) -> typer.Typer:
    """Make an application, its commands and its groups show flags without a type."""
    app.info.cls = PlainGroup
    for command in app.registered_commands:
        command.cls = PlainCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            with_plain_flags(group.typer_instance)
    return app


def _without_types(params: list[Any]) -> list[Any]:
    for param in params:
        if isinstance(param, TyperOption) and param.is_bool_flag:
            param.metavar = ""
    return params
