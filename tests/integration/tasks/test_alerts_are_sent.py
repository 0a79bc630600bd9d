"""Alerts leave a real worker over a real socket: signed, until somebody takes them, and once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery

from slotwise.bus.client import Bus
from slotwise.bus.counters import Counters
from slotwise.reconciliation.alerts import verify
from tests.support.receiver import receiver
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

SECRET = "only-for-this-test"
BODY = '{"schema":1,"alert_id":"abc"}'
#: A worker starts and works within this, seconds, also on a loaded machine.
WORKS_S = 60.0
#: Nothing more comes for this long, seconds: longer than the first waits between tries.
QUIET_S = 3.0


@pytest.fixture
def sender(redis_url: str, key_prefix: str, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Start a worker that posts to a URL, and hand out what sends it an alert."""
    children: list[Child] = []

    def send(url: str) -> None:
        env = {
            "SLOTWISE_REDIS_URL": redis_url,
            "SLOTWISE_KEY_PREFIX": key_prefix,
            "SLOTWISE_LAKE": str(tmp_path / "lake"),
            "SLOTWISE_WEBHOOK_URL": url,
            "SLOTWISE_WEBHOOK_SECRET": SECRET,
        }
        options = ("-Q", "poll", "--pool", "solo", "--without-mingle", "--without-gossip")
        argv = (sys.executable, "-m", "celery", "-A", "tasks.app", "worker", *options)
        spec = ChildSpec(name="worker", argv=argv, env=env, log=tmp_path / "w.log", stop_order=1)
        children.append(Child(spec))
        children[-1].start()
        asked = Celery(broker=redis_url)
        asked.conf.broker_transport_options = {"global_keyprefix": f"{key_prefix}celery:"}
        asked.send_task("tasks.alerts.send", args=[BODY], queue="poll", serializer="json")
        asked.close()

    yield send
    stop_all(children)
    assert SECRET not in (tmp_path / "w.log").read_text()


def test_an_alert_is_repeated_until_it_is_taken(sender: Callable[[str], None], bus: Bus) -> None:
    """The same body each time, signed at that time."""
    with receiver(503, 429) as there:
        sender(there.url)
        assert wait_until(lambda: len(there.came) == 3, WORKS_S), there.came
        assert wait_until(lambda: Counters(bus).all() == {"alerts.sent": 1}, WORKS_S)
        time.sleep(QUIET_S)
    assert [message.body for message in there.came] == [BODY.encode()] * 3
    for message in there.came:
        assert verify(SECRET, message.body, message.signature, message.at)


@pytest.mark.parametrize("status", [400, 302, 410])
def test_what_is_refused_for_good_is_not_repeated(
    sender: Callable[[str], None], bus: Bus, status: int
) -> None:
    """Nor followed elsewhere."""
    with receiver(status) as there:
        sender(there.url)
        assert wait_until(lambda: Counters(bus).all() == {"alerts.given_up": 1}, WORKS_S)
        time.sleep(QUIET_S)
    assert len(there.came) == 1


def test_a_receiver_that_is_not_there_yet_is_waited_for(
    sender: Callable[[str], None], tmp_path: Path
) -> None:
    port = free_port()
    sender(f"http://127.0.0.1:{port}/")
    log = tmp_path / "w.log"
    assert wait_until(
        lambda: log.exists() and "alert not taken, trying again" in log.read_text(), WORKS_S
    )
    assert "cannot be reached" in log.read_text()
