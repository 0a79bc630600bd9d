"""The lake as a place: where its tables are, whether it is there, and whether it is the right one.

Rules:
* Only `create` makes anything, for an operator or at a first start (`lake.first_start`). Whatever
  else opens a lake that is not there gets LakeAbsentError: a mount that is missing, a wrong path
  and another folder look alike, and nothing is written there.
* A lake's identity is the id that Delta gave `position_updates` when it was made. It stays through
  upgrades, backups and object stores. A process that knows which lake the system works with refuses
  another one under the same path.
* A local lake that was put in the place of another while a process runs is noticed by its folder
  (device and inode), at the price of one look at the file system.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from deltalake import DeltaTable, PostCommitHookProperties
from deltalake.exceptions import DeltaError, TableNotFoundError

from slotwise.errors import LakeAbsentError, LakeError
from slotwise.lake.disk import sync_checkpoint, sync_commits
from slotwise.lake.error_text import delta_errors, reason_of
from slotwise.lake.schemas import POSITION_UPDATES, TABLES, Table, table_of
from slotwise.lake.strays import Writing, place_of, writing

#: Commits between two checkpoints. To open a table is to read each commit behind the newest one:
#: 1 ms of CPU each, one request each on an object store. A checkpoint of 3,000 files takes
#: 20 ms and 1.2 MB.
CHECKPOINT_EACH = 20
#: Properties of every table. All are event tables; frequent checkpoints keep opening fast, and a
#: short log retention keeps appends fast: the past is rows, not table versions. An hour is longer
#: than any reader takes, and 720 beats.
PROPERTIES = {
    "delta.appendOnly": "true",
    "delta.checkpointInterval": str(CHECKPOINT_EACH),
    "delta.logRetentionDuration": "interval 1 hours",
    "delta.deletedFileRetentionDuration": "interval 1 hours",
}
#: Columns by which questions leave files out: Delta keeps the least and the greatest of each file.
#: By itself it does so for a table's first 32 columns, which in `position_updates` are without the
#: number of a landing and, of each file, four times as much for every commit and opening to read.
STATISTICS = frozenset(
    (
        "account", "con_id", "state", "event", "item_id", "revision", "observed_at", "at",
        "looked_up_at", "landed_at", "landing",
    )
)  # fmt: skip
#: The table whose id names the lake: it is made first, and every landing commits to it.
IDENTIFYING = POSITION_UPDATES.name
#: An object store cannot vanish like a mount: it is looked at this often, seconds.
LOOK_S = 5.0


def properties_of(table: Table) -> dict[str, str]:
    """Return the properties of a table of events."""
    columns = ",".join(name for name in table.schema.names if name in STATISTICS)
    return {**PROPERTIES, "delta.dataSkippingStatsColumns": columns}


def _check_object_store() -> None:
    """Check that writers exclude each other; the usual AWS_ variables hold the rest."""
    # Without this, a machine that is none of Amazon's waits for its metadata server.
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_S3_LOCKING_PROVIDER", "AWS_S3_ALLOW_UNSAFE_RENAME"):
        if os.environ.get(name):
            raise LakeError(
                f"{name} is set: two writers could then overwrite each other's commits; unset it, "
                "the store's conditional put is used instead"
            )


class Lake:
    """The tables below one folder or object store prefix.

    `expected` says which lake the system works with, by its identity; None where it is not known.
    `sync` waits until a local disk has what is committed; an object store always does.
    """

    def __init__(
        self,
        address: str,
        expected: Callable[[], str | None] = lambda: None,
        *,
        sync: bool = False,
    ) -> None:
        self.address = address.rstrip("/")
        self.is_local = "://" not in self.address
        self._syncs = sync and self.is_local
        self._expected = expected
        self._verified: tuple[object, str | None] | None = None
        self._identity = ""
        if self.address.startswith(("s3://", "s3a://")):
            _check_object_store()

    def uri(self, table: str) -> str:
        """Return the address of a table."""
        return f"{self.address}/{table_of(table).name}"

    def open(self, table: str) -> DeltaTable:
        """Open a table.

        Raises LakeAbsentError where there is no lake, one of which the table is not made yet, or
        another than the expected one, and LakeError for a table that cannot be opened.
        """
        return self._open(table, without_files=False)

    def open_without_files(self, table: str) -> DeltaTable:
        """Open a table to append, or for its version and numbers; raises as `open`.

        The handle does not load the table's files, so a commit takes no longer where there are
        many of them: 28 ms of CPU instead of 178 with 3,000.
        """
        return self._open(table, without_files=True)

    def _open(self, table: str, *, without_files: bool) -> DeltaTable:
        self.verify()
        try:
            return DeltaTable(self.uri(table), without_files=without_files)
        except TableNotFoundError as error:
            raise LakeAbsentError(
                f"lake {self.address!r} has no table {table}: the lake worker makes it when it"
                " starts, or `slotwise lake init`"
            ) from error
        except (DeltaError, OSError) as error:
            raise self._unusable(error) from error

    def verify(self) -> str:
        """Return the lake's identity with its place, which changes when another takes its place.

        Raises LakeAbsentError where there is no lake, or another than the expected one.
        """
        place, expected = self._place(), self._expected()
        if self._verified is None or self._verified != (place, expected):
            identity = self.identity()
            if expected is not None and identity != expected:
                raise LakeAbsentError(
                    f"at {self.address!r} there is another lake ({identity[:8]}) than the one this"
                    f" system works with ({expected[:8]}): is the right disk mounted? `slotwise"
                    " lake adopt` makes the system work with this one"
                )
            self._verified, self._identity = (place, expected), identity
        return f"{self._identity} {place if self.is_local else ''}"

    def identity_known(self) -> str:
        """Return the identity that was verified last; empty before."""
        return self._identity

    def identity(self) -> str:
        """Return the id that names the lake; raises LakeAbsentError where there is none."""
        try:
            return str(DeltaTable(self.uri(IDENTIFYING), without_files=True).metadata().id)
        except TableNotFoundError as error:
            raise self._absent() from error
        except (DeltaError, OSError) as error:
            raise self._unusable(error) from error

    @contextmanager
    def writing(self, table: str) -> Iterator[Writing]:
        """Write to a table in the block, which is there from the beginning to the end.

        Raises LakeAbsentError where it is not; what was made in another place is removed. The look
        is right before the write: the volume may have gone since the table was opened.
        """
        if not self.is_local:
            self.verify()
            yield Writing()
            return
        # Before the look: a volume that goes after it is noticed by its place.
        place = place_of(Path(self.address))
        self.verify()
        with writing(Path(self.address), table, place) as write:
            yield write

    def hooks(self) -> PostCommitHookProperties:
        """Return what Delta does after a commit: nothing, `committed` does it.

        Delta makes no checkpoint on a handle without files, and syncs none.
        """
        return PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)

    def committed(self, table: str, before: int, handle: DeltaTable) -> bool:
        """Run what is due after a table's commits behind a version: `on_disk`, then `checkpointed`.

        True when there was a checkpoint. Raises LakeError.
        """
        self.on_disk(table, before, handle)
        return self.checkpointed(table, before, handle)

    def on_disk(self, table: str, before: int, handle: DeltaTable) -> None:
        """Wait until the disk has a table's commits behind a version, where that was asked for."""
        if self._syncs:
            with self._in_use():
                sync_commits(Path(self.address) / table, before, handle.version())

    def checkpointed(self, table: str, before: int, handle: DeltaTable) -> bool:
        """Make a checkpoint each CHECKPOINT_EACH commits: True then. Raises LakeError."""
        after = handle.version()
        if after // CHECKPOINT_EACH == before // CHECKPOINT_EACH:
            return False
        with self._in_use():
            handle.create_checkpoint()
            if self._syncs:
                sync_checkpoint(Path(self.address) / table)
            else:
                handle.cleanup_metadata()
        return True

    def sync_checkpoint(self, table: str) -> None:
        """Wait until the disk has a checkpoint, where it was asked for; raises LakeError."""
        if self._syncs:
            with self._in_use():
                sync_checkpoint(Path(self.address) / table)

    def has(self, table: str) -> bool:
        """Return True where a table is there, be it empty; raises LakeError."""
        with self._in_use():
            return DeltaTable.is_deltatable(self.uri(table))

    def is_made(self) -> bool:
        """Return True where any of our tables is there; raises LakeError."""
        return any(map(self.has, TABLES))

    def create(self) -> None:
        """Create every table that is missing; raises LakeError where the lake is unwritable.

        The table that names the lake comes first: one that was cut short is finished by the next.
        """
        if self.is_local:
            with self._in_use():
                Path(self.address).mkdir(parents=True, exist_ok=True)
            self.check_writable()
        for name in (IDENTIFYING, *TABLES):
            with self._in_use():
                if not self.has(name):
                    self._create(table_of(name))

    def complete(self) -> None:
        """Create the tables that a lake of an older version lacks; raises as `verify` does."""
        self.verify()
        self.create()

    def check_writable(self) -> None:
        """Raise LakeError for a local folder that cannot be written."""
        if self.is_local and not os.access(self.address, os.W_OK | os.X_OK):
            raise LakeError(f"lake {self.address!r} is not writable: choose another with --lake")

    def _place(self) -> object:
        """Return what changes when another lake takes this one's place."""
        if not self.is_local:
            return int(time.monotonic() / LOOK_S)
        try:
            there = os.stat(f"{self.uri(IDENTIFYING)}/_delta_log")
        except FileNotFoundError as error:
            raise self._absent() from error
        except OSError as error:
            raise self._unusable(error) from error
        return there.st_dev, there.st_ino

    def _create(self, table: Table) -> None:
        DeltaTable.create(
            self.uri(table.name),
            table.schema,
            mode="ignore",
            partition_by=["date"],
            name=table.name,
            configuration=properties_of(table),
        )

    def _absent(self) -> LakeAbsentError:
        return LakeAbsentError(
            f"lake {self.address!r} cannot be read: there is none. Is its disk mounted, and does"
            " SLOTWISE_LAKE name it? `slotwise lake init` makes a new one there"
        )

    def _in_use(self) -> AbstractContextManager[None]:
        return delta_errors(f"lake {self.address!r} cannot be used")

    def _unusable(self, error: Exception) -> LakeError:
        return LakeError(f"lake {self.address!r} cannot be used: {reason_of(error)}")
