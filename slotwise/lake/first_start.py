"""The first start: the one time at which a lake is made without being asked for.

Rules:
* A lake that is there is the system's when the system has none yet.
* A lake is made where nothing speaks of an earlier one: Redis answers that it knows none, no spool
  on this machine was kept for one, and the place is empty. Otherwise the lake is absent, and
  everything waits for it: a mount that is missing looks like an empty place.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import structlog
from deltalake import DeltaTable

from slotwise.errors import LakeAbsentError
from slotwise.lake.store import IDENTIFYING, Lake

log = structlog.get_logger(__name__)


class Remembered(Protocol):
    """Which lake the system works with; `bus.lake_identity.LakeIdentity` is."""

    def asked(self) -> str | None: ...
    def remember(self, identity: str) -> object: ...


def begin(lake: Lake, remembered: Remembered, spool: Path | None = None) -> None:
    """Check that the system has its lake; create it at a first start.

    `spool` is the file that a gateway's spool would have on this machine. Raises LakeAbsentError
    where the lake is not there, or is another one, and LakeError and BusError.
    """
    try:
        lake.verify()
    except LakeAbsentError:
        # A Redis that does not answer may have the identity of one.
        if remembered.asked() is not None or lake.is_made():
            raise
        reason = _spool_sign(spool) or (_other_content(Path(lake.address)) if lake.is_local else "")
        if reason:
            raise LakeAbsentError(
                f"lake {lake.address!r} cannot be read: there is none, and {reason}. Is its disk"
                " mounted? `slotwise lake init` makes a new one there"
            ) from None
        lake.create()
        log.warning("first start: new lake made", lake=lake.address, identity=lake.identity())
        lake.verify()
    # Also in a Redis that was emptied since.
    remembered.remember(lake.identity_known())
    # Another process may have made another one at the same time.
    lake.verify()


def _spool_sign(file: Path | None) -> str:
    """Return the sign that a gateway on this machine worked with a lake before."""
    folder = None if file is None else file.parent
    for spool in () if folder is None else sorted(folder.glob("gateway-*.sqlite")):
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{spool}?mode=ro", uri=True)) as db,
        ):
            for (identity,) in db.execute("SELECT value FROM about WHERE name = 'lake'"):
                return f"the spool {str(spool)!r} was kept for one ({str(identity)[:8]})"
    return ""


def _other_content(folder: Path) -> str:
    """Return what is in the folder besides other lakes; hidden files are nothing."""
    try:
        entries = [entry for entry in os.scandir(folder) if not _is_nothing(entry)]
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"the folder cannot be read ({error.strerror})"
    return f"the folder has other things in it ({entries[0].name})" if entries else ""


def _is_nothing(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name == "lost+found":
        return True
    other = os.path.join(entry.path, IDENTIFYING)
    return entry.is_dir() and (DeltaTable.is_deltatable(other) or entry.name.endswith("-spool"))
