"""A lake in an object store, mirrored to a folder: so that its reader shares no code with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import boto3

BUCKET, PREFIX = "bucket", "lake"
#: The one object of a Delta table that is written again under its name.
REWRITTEN = "_last_checkpoint"


class Mirror:
    """Copy what is new in the store; objects are never changed, so a name is copied once."""

    def __init__(self, store: Mapping[str, str], folder: Path) -> None:
        self._client = boto3.client(
            "s3",
            endpoint_url=store["AWS_ENDPOINT_URL"],
            region_name=store["AWS_REGION"],
            aws_access_key_id=store["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=store["AWS_SECRET_ACCESS_KEY"],
        )
        self._folder = folder

    @property
    def address(self) -> str:
        return f"s3://{BUCKET}/{PREFIX}"

    def bring(self) -> None:
        """Copy what is new. Data are listed after the log that names them, and copied before it."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=PREFIX)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        for key in sorted(keys, key=lambda key: ("/_delta_log/" in key, key)):
            file = self._folder / key.removeprefix(f"{PREFIX}/")
            if not file.exists() or file.name == REWRITTEN:
                self._copy(key, file)

    def _copy(self, key: str, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            # Maintenance deleted it after it was listed: a newer file has its rows.
            return
        part = file.with_name(f"{file.name}.part")
        part.write_bytes(found)
        part.rename(file)
