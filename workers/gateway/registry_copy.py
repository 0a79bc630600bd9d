"""RegistryCopy: the last state of the strategy registry, beside the spool.

A gateway that starts while the lake is absent goes on with it: active contracts keep their lines.
Without a copy no contract is active until the lake is there; positions are polled and kept anyway.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import structlog

from slotwise.errors import LakeAbsentError
from slotwise.registry import RegistryStore
from slotwise.rules.registry_changes import (
    RegistryChange,
    RegistryRow,
    RegistryState,
    registry_state,
)

log = structlog.get_logger(__name__)

#: Number of what is known by a copy: no change follows it.
NO_NUMBER = -1


class _Copy(msgspec.Struct, frozen=True):
    """The rows of a registry, and the lake they are from."""

    identity: str
    rows: list[RegistryRow]


class CopiedRegistryStore:
    """A registry store that answers from its copy until the lake has been read once."""

    def __init__(self, store: RegistryStore, path: Path | None, expected: str | None) -> None:
        self._store = store
        self._path = path
        self._expected = expected
        self._copied: _Copy | None = None
        self._was_read = False
        self._logged = False

    def read(self, known: RegistryState) -> RegistryState:
        """Read every row, oldest first; raises LakeError once the lake has been read."""
        try:
            found = self._store.read(known)
        except LakeAbsentError as error:
            if self._was_read:
                raise
            copied = self._read_copy()
            if not self._logged:
                log.warning(
                    "lake absent at the start; the registry is what its copy says",
                    rows=len(copied.rows),
                    reason=str(error),
                )
            self._logged = True
            return copied
        self._was_read = True
        copy = _Copy(found.lake, list(found.rows))
        if copy != self._copied:
            self._keep(copy)
        return found

    def append(
        self, rows: Sequence[RegistryRow], on_change: Callable[[RegistryChange], None]
    ) -> None:
        """Add the rows of one change; raises LakeError."""
        self._store.append(rows, on_change)

    def _keep(self, copy: _Copy) -> None:
        if self._path is not None:
            new = self._path.with_name(f"{self._path.name}.new")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                new.write_bytes(msgspec.msgpack.encode(copy))
                os.replace(new, self._path)
            except OSError as error:
                log.warning("registry not copied", file=str(self._path), reason=str(error))
                return
        self._copied = copy

    def _read_copy(self) -> RegistryState:
        """Read the copy, where it is of the lake that the system works with; else nothing.

        It is followed by no change: which was the last is for the lake to say.
        """
        nothing = registry_state("", NO_NUMBER, -1, ())
        if self._path is None:
            return nothing
        try:
            copy = msgspec.msgpack.decode(self._path.read_bytes(), type=_Copy)
        except (OSError, msgspec.MsgspecError):
            return nothing
        known = self._expected in (None, copy.identity)
        return registry_state(copy.identity, NO_NUMBER, -1, copy.rows) if known else nothing
