"""The compose file as its reader sees it: variables filled in, anchors resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"

#: ${NAME}, ${NAME:-instead}, ${NAME-instead if it is not set} and ${NAME:?what is missing}; $$ is a
#: dollar.
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?[-?])([^}]*))?\})")


def compose(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read the compose file; raises KeyError for a variable it insists on that is not there."""
    found: dict[str, Any] = filled(yaml.safe_load(FILE.read_text()), environment)
    return found


def required() -> set[str]:
    """Name the variables without which the file does not start."""
    return {found[2] for found in _VARIABLE.finditer(FILE.read_text()) if found[3] == ":?"}


def filled(value: Any, environment: Mapping[str, str]) -> Any:
    """Fill variables in wherever a text is."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found, environment), value)
    if isinstance(value, list):
        return [filled(one, environment) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, environment) for name, one in value.items()}
    return value


def _value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if found[1]:
        return "$"
    value = environment.get(found[2], "")
    if value or (found[3] == "-" and found[2] in environment):
        return value
    if found[3] == ":?":
        raise KeyError(f"{found[2]}: {found[4]}")
    return found[4] or ""
