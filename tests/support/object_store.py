"""An object store with the S3 protocol: moto's server as a process of its own."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: The server imports much; a busy machine needs long, seconds.
START_S = 60.0


@contextmanager
def object_store(folder: Path, bucket: str = "bucket") -> Iterator[dict[str, str]]:
    """Run a store with one bucket; yields the environment of its users."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    argv = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    server = Child(ChildSpec(name="object store", argv=argv, env={}, log=folder / "store.log"))
    server.start()
    try:
        assert wait_until(lambda: _made(f"{address}/{bucket}"), START_S), server.last_words()
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key-id",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }
    finally:
        stop_all([server])


def _made(address: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
