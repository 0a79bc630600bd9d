"""Redis is reached over TLS, and no server is trusted without a certificate of the CA."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from slotwise.bus.client import Bus
from slotwise.errors import BusError
from tests.support.forked_child import ForkedChild
from tests.support.tls_server import tls_before
from workers.stack.celery_argv import worker_argv
from workers.stack.child import ChildSpec, stop_all, wait_until

#: A worker starts, and answers, within this, seconds, also on a loaded machine.
ANSWERS_S = 60.0


@pytest.fixture
def address(redis_url: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a Redis over TLS, without an authority."""
    port = urlsplit(redis_url).port
    assert port is not None
    with tls_before(port, tmp_path) as (tls_port, _):
        yield f"rediss://127.0.0.1:{tls_port}/0"


def test_a_worker_and_the_command_line_work_over_tls(
    address: str, key_prefix: str, tmp_path: Path
) -> None:
    """The address says which authority vouches for the server; nothing else is to be set."""
    env = {
        "SLOTWISE_REDIS_URL": f"{address}?ssl_ca_certs={tmp_path / 'authority.crt'}",
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
    }
    log = tmp_path / "worker.log"
    worker = ForkedChild(ChildSpec(name="worker", argv=worker_argv("poll", 1), env=env, log=log))
    worker.start()
    try:
        assert wait_until(lambda: "ready" in log.read_text(), ANSWERS_S), log.read_text()
        code = "from tasks.reconcile_triggers import watch; watch.apply_async(queue='poll')"
        sent = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert sent.returncode == 0, sent.stderr
        bus = Bus(env["SLOTWISE_REDIS_URL"], key_prefix)
        assert wait_until(lambda: not bus.redis.llen(f"{key_prefix}celery:poll"), ANSWERS_S)
        bus.close()
    finally:
        stop_all([worker])
    assert "certificate" not in log.read_text()


def test_a_server_that_another_authority_vouches_for_is_refused(
    address: str, tmp_path: Path
) -> None:
    """As is one when no authority is named: there is no way around by default."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.crt")
    for query in (f"?ssl_ca_certs={tmp_path / 'other.crt'}", ""):
        bus = Bus(address + query)
        with pytest.raises(BusError, match="certificate verify failed"):
            bus.ping()
        bus.close()
