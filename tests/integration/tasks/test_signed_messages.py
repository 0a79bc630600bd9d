"""With keys, a worker does what a trusted key signed, and nothing else that Redis brings it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import trustme
from celery import Celery

from slotwise.bus.client import Bus
from slotwise.bus.counters import Counters
from slotwise.errors import InputError
from slotwise.settings import Settings
from tasks.celery_setup.signatures import sign
from tests.support.forked_child import ForkedChild
from workers.stack.celery_argv import worker_argv
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: A worker starts, and answers, within this, seconds, also on a loaded machine.
ANSWERS_S = 60.0


def keys(folder: Path, name: str) -> dict[str, str]:
    """Make a key and its certificate; return the settings that name them."""
    made = trustme.CA(organization_name=name).issue_cert(
        f"{name}.test", key_type=trustme.KeyType.RSA
    )
    made.private_key_pem.write_to_path(folder / f"{name}.key")
    made.cert_chain_pems[0].write_to_path(folder / f"{name}.crt")
    return {
        "SLOTWISE_SIGNING_KEY": str(folder / f"{name}.key"),
        "SLOTWISE_SIGNING_CERTIFICATE": str(folder / f"{name}.crt"),
    }


@pytest.fixture
def env(redis_url: str, key_prefix: str, tmp_path: Path) -> dict[str, str]:
    return {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
        "SLOTWISE_HEALTH_PORT": str(free_port()),
        **keys(tmp_path, "ours"),
    }


@pytest.fixture
def worker(env: dict[str, str], tmp_path: Path) -> Iterator[Child]:
    """Run a worker that asks for signatures."""
    child = ForkedChild(
        ChildSpec(name="worker", argv=worker_argv("poll", 1), env=env, log=tmp_path / "worker.log")
    )
    child.start()
    yield child
    stop_all([child])


def send(env: dict[str, str]) -> None:
    """Send a task from a process with these settings."""
    code = "from tasks.reconcile_triggers import watch; watch.apply_async(queue='poll')"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, timeout=60, check=True)


def test_only_what_is_signed_by_us_is_done(
    worker: Child, env: dict[str, str], bus: Bus, tmp_path: Path
) -> None:
    """Not what has no signature, nor what a stranger signed with a key of his own."""

    def counts(refused: int) -> bool:
        return Counters(bus).all().get("tasks.refused") == refused

    log = tmp_path / "worker.log"
    assert wait_until(lambda: "ready" in log.read_text(), ANSWERS_S), log.read_text()
    unsigned = {**env, "SLOTWISE_SIGNING_KEY": "", "SLOTWISE_SIGNING_CERTIFICATE": ""}
    stranger = {**env, **keys(tmp_path, "stranger")}
    for sender, refused in ((unsigned, 1), (stranger, 2)):
        send(sender)
        assert wait_until(partial(counts, refused), ANSWERS_S), log.read_text()
    assert done(env) == 0
    send(env)
    assert wait_until(lambda: done(env) == 1, ANSWERS_S), log.read_text()
    assert Counters(bus).all()["tasks.refused"] == 2


def done(env: dict[str, str]) -> int:
    """Ask the worker how often it did the task."""
    url = f"http://127.0.0.1:{env['SLOTWISE_HEALTH_PORT']}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        found = re.search(
            r'tasks_total\{task="tasks.occasions.watch"\} (\d+)', answer.read().decode()
        )
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"signing_key": "a.key"}, "belong together"),
        ({"signing_certificate": "a.crt"}, "belong together"),
        ({"signing_key": "/no.key", "signing_certificate": "/no.crt"}, "cannot be used"),
    ],
)
def test_keys_that_cannot_be_used_are_named(given: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sign(Celery(), Settings.model_validate(given))


def test_a_broken_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.key").write_text("no key")
    (tmp_path / "a.crt").write_text("no certificate")
    files = {"signing_key": str(tmp_path / "a.key"), "signing_certificate": str(tmp_path / "a.crt")}
    with pytest.raises(InputError, match="cannot be used"):
        sign(Celery(), Settings.model_validate(files))
