"""Where settings come from: the environment, `.env`, then the file that `slotwise up` wrote.

Rules:
* NAME_FILE names a file with the value.
* NAME and NAME_FILE count alike in both places; the environment goes before `.env`.
* NAME and NAME_FILE in one place are refused: one of them would be ignored.
* Names are read without regard to case, as pydantic does.
* A name with our prefix that is no setting is ignored, with a warning that names the nearest one;
  in `.env` so is a name that is nearly one.
"""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource

from slotwise.errors import InputError
from slotwise.printable import is_unicode
from slotwise.stack_variables import stack_variables, state_folder

log = logging.getLogger(__name__)

#: Behind a variable's name: its value is in a file, as Docker and Kubernetes hand secrets over.
SUFFIX = "_FILE"
#: Our prefix, and the beginnings of names that only tests and benchmarks read.
PREFIX = "SLOTWISE_"
OTHERS = ("SLOTWISE_TEST_", "SLOTWISE_BENCH_", "SLOTWISE_CENSUS")
#: Share of equal letters from which one of our names counts as a misspelt setting, and from which
#: any name in `.env` is: other programs have names of their own there.
NEAR, VERY_NEAR = 0.6, 0.85


def value_of(name: str, environment: Mapping[str, str]) -> str | None:
    """Return a variable's value, from itself or from the file it names; None where neither is set.

    Raises InputError where both are set, or the file cannot be read.
    """
    file = environment.get(name + SUFFIX)
    if not file:
        return environment.get(name)
    if name in environment:
        raise InputError(f"{name} and {name}{SUFFIX} are both set: leave one out")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}{SUFFIX}: {file!r} cannot be read: {error}") from error


def variable(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return what a variable is set to in the environment, else in `.env`; None where in neither.

    For variables that are no settings of ours; raises InputError as `value_of` does.
    """
    value = value_of(name, environment)
    return value_of(name, dotenv()) if value is None else value


def dotenv() -> dict[str, str]:
    """Read `.env` of the working folder; raises InputError where it is no text that can be read."""
    try:
        # Some editors begin a file with a byte order mark, which `utf-8-sig` reads over.
        found = DotEnvSettingsSource(BaseSettings, ".env", "utf-8-sig").env_vars
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f".env cannot be read: {error}") from error
    return {name.upper(): value for name, value in found.items() if value is not None}


class Variables(PydanticBaseSettingsSource):
    """Read each setting from the first place that has it."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        environment = {name.upper(): value for name, value in os.environ.items()}
        self._places = {"the environment": environment, ".env": dotenv()}
        self._places["state/env"] = stack_variables(state_folder(self._places))

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return a field's value, the field's name, and that it is no JSON."""
        for place in self._places.values():
            for name in names_of(field, field_name):
                value = value_of(name, place)
                if value is not None:
                    return _unicode(name, value), field_name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values of all fields that are set, and warn of names that are no setting."""
        fields = self.settings_cls.model_fields
        known = {name for field, info in fields.items() for name in names_of(info, field)}
        for place, variables in self._places.items():
            for name, near in unknown(variables, known, any_name=place == ".env"):
                _warn(name, place, near)
        found = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def names_of(field: FieldInfo, field_name: str) -> list[str]:
    """Return the variables of a field, the one that counts first."""
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices]
    return [f"{PREFIX}{field_name}".upper()]


def unknown(
    variables: Iterable[str], known: set[str], *, any_name: bool
) -> list[tuple[str, str | None]]:
    """Return the names that are meant as settings and are none, each with the nearest setting."""
    allowed = known | {name + SUFFIX for name in known}
    found: list[tuple[str, str | None]] = []
    for name in sorted(set(variables) - allowed):
        ours = name.startswith(PREFIX)
        if (ours and name.startswith(OTHERS)) or not (ours or any_name):
            continue
        near = difflib.get_close_matches(name, sorted(allowed), 1, NEAR if ours else VERY_NEAR)
        if ours or near:
            found.append((name, near[0] if near else None))
    return found


def _unicode(name: str, value: str) -> str:
    """Return a value; raises InputError where its bytes are no text: no path or lake takes it."""
    if not is_unicode(value):
        raise InputError(f"setting {name} is not written in UTF-8: {value!r}")
    return value


@cache
def _warn(name: str, place: str, near: str | None) -> None:
    """Warn once a process."""
    advice = f"did you mean {near}?" if near else "docs/operations.md lists all settings"
    log.warning("%s in %s is no setting and is ignored: %s", name, place, advice)
