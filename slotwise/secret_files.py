"""Secrets from files: a setting's name with _FILE names a file that holds its value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from slotwise.errors import InputError

#: Behind a variable's name: its value is in a file, as Docker and Kubernetes hand secrets over.
SUFFIX = "_FILE"


def value_of(name: str, environment: Mapping[str, str]) -> str | None:
    """Give a variable's value, from itself or from the file it names; None where neither is set.

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


class SecretFiles(PydanticBaseSettingsSource):
    """Read the settings whose variables end in _FILE."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self._prefix = settings_cls.model_config.get("env_prefix", "")

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Give a field's value from its file, the field's name, and that it is no JSON."""
        for name in self._names(field, field_name):
            if os.environ.get(name + SUFFIX):
                return value_of(name, os.environ), field_name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Give the values of all fields that have a file."""
        given = {}
        for field_name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, field_name)
            if value is not None:
                given[key] = value
        return given

    def _names(self, field: FieldInfo, field_name: str) -> list[str]:
        if isinstance(field.validation_alias, AliasChoices):
            return [str(choice) for choice in field.validation_alias.choices]
        return [f"{self._prefix}{field_name}".upper()]
