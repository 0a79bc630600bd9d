"""The lake as a place: where its tables are, and that they exist."""

from __future__ import annotations

import os
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from slotwise.errors import LakeError
from slotwise.lake.reasons import reason_of
from slotwise.lake.schemas import TABLES, Table, table_of

#: Properties of every table. All are event tables; a checkpoint each 50 commits keeps opening
#: fast, and a short log retention keeps appends fast: the past is rows, not table versions. An
#: hour is longer than any reader takes, and 720 beats.
PROPERTIES = {
    "delta.appendOnly": "true",
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 1 hours",
    "delta.deletedFileRetentionDuration": "interval 1 hours",
}


def _check_object_store() -> None:
    """See that writers exclude each other; the rest is said by the usual AWS_ variables."""
    # Without this, a machine that is none of Amazon's waits for its metadata server.
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_S3_LOCKING_PROVIDER", "AWS_S3_ALLOW_UNSAFE_RENAME"):
        if os.environ.get(name):
            raise LakeError(
                f"{name} is set: two writers could then overwrite each other's commits; unset it, "
                "the store's conditional put is used instead"
            )


class Lake:
    """Name the tables below one folder or object store prefix."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        if self.address.startswith(("s3://", "s3a://")):
            _check_object_store()

    def uri(self, table: str) -> str:
        """Give the address of a table."""
        return f"{self.address}/{table_of(table).name}"

    def open(self, table: str) -> DeltaTable:
        """Open a table, creating it when it is not there.

        Raises LakeError when it can be neither opened nor created.
        """
        try:
            return DeltaTable(self.uri(table))
        except TableNotFoundError:
            return self._create(table_of(table))
        except (DeltaError, OSError) as error:
            raise self._unusable(error) from error

    def ensure(self) -> None:
        """Create every table that is missing; raises LakeError where the lake is unwritable."""
        if "://" not in self.address:
            try:
                Path(self.address).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._unusable(error) from error
            if not os.access(self.address, os.W_OK | os.X_OK):
                raise LakeError(
                    f"lake {self.address!r} is not writable: choose another with --lake"
                )
        for name in TABLES:
            self.open(name)

    def _create(self, table: Table) -> DeltaTable:
        try:
            return DeltaTable.create(
                self.uri(table.name),
                table.schema,
                mode="ignore",
                partition_by=["date"],
                name=table.name,
                configuration=PROPERTIES,
            )
        except (DeltaError, OSError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> LakeError:
        return LakeError(f"lake {self.address!r} cannot be used: {reason_of(error)}")
