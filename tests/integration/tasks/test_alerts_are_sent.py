"""Alerts leave a real worker over a real socket: signed, until a receiver takes them, and once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slotwise.bus.alert_outbox import AlertOutbox
from slotwise.bus.client import Bus
from slotwise.bus.counters import Counters
from slotwise.reconciliation.alerts import verify_alert
from tests.support.forked_child import ForkedChild
from tests.support.receiver import receiver
from workers.stack.celery_argv import beat_argv, worker_argv
from workers.stack.child import Child, ChildSpec, stop_all, wait_until

SECRET = "only-for-this-test"
BODY = '{"schema":1,"alert_id":"abc"}'
#: A worker starts and works within this, seconds, also on a loaded machine.
WORKS_S = 60.0
#: Nothing more comes for this long, seconds: longer than the first waits between tries.
QUIET_S = 3.0


class Sender:
    """A worker that posts to a URL, and beat that has it try again."""

    def __init__(self, bus: Bus, folder: Path) -> None:
        self._env = {
            "SLOTWISE_REDIS_URL": bus.url,
            "SLOTWISE_KEY_PREFIX": bus.prefix,
            "SLOTWISE_LAKE": str(folder / "lake"),
            "SLOTWISE_WEBHOOK_SECRET": SECRET,
            "SLOTWISE_BEAT_S": "1",
        }
        self._outbox, self.log = AlertOutbox(bus), folder / "w.log"
        self._children: dict[str, Child] = {}

    def send(self, url: str) -> None:
        """Keep an alert as a report does, and start the processes."""
        self._env["SLOTWISE_WEBHOOK_URL"] = url
        self._outbox.put(BODY.encode(), {})
        self._start("worker", worker_argv("poll", 1))
        self._start("beat", beat_argv())

    def kill_worker(self) -> None:
        """End the worker as a power cut does, and start another."""
        pid = self._children["worker"].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: self._children["worker"].exit_status is not None, WORKS_S)
        self._start("worker", worker_argv("poll", 1))

    def _start(self, name: str, argv: tuple[str, ...]) -> None:
        log = self.log if name == "worker" else self.log.with_name(f"{name}.log")
        self._children[name] = ForkedChild(ChildSpec(name=name, argv=argv, env=self._env, log=log))
        self._children[name].start()

    def stop(self) -> None:
        stop_all(list(self._children.values()))


@pytest.fixture
def sender(bus: Bus, tmp_path: Path) -> Iterator[Sender]:
    sender = Sender(bus, tmp_path)
    yield sender
    sender.stop()
    assert SECRET not in sender.log.read_text()


def test_an_alert_outlives_its_worker_and_is_repeated_until_it_is_taken(
    sender: Sender, bus: Bus
) -> None:
    """The same body each time, signed at that time; what waits is in no worker."""
    with receiver(503, 429, 500) as there:
        sender.send(there.url)
        assert wait_until(lambda: len(there.came) == 2, WORKS_S), there.came
        sender.kill_worker()
        assert wait_until(lambda: Counters(bus).all() == {"alerts.sent": 1}, WORKS_S)
        time.sleep(QUIET_S)
    assert [message.body for message in there.came] == [BODY.encode()] * 4
    for message in there.came:
        assert verify_alert(SECRET, message.body, message.signature, message.at)
    assert sender.log.read_text().count("alert not taken, trying again") == 1
