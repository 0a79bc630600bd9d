"""Workers and beat, as started for real, answer over HTTP; what is no task of ours is refused."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery

from slotwise.bus.client import Bus
from slotwise.bus.counters import Counters
from tests.support.forked_child import ForkedChild
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: A process starts within this, seconds, also on a loaded machine.
STARTS_S = 60.0
WORKER = ("worker", "--pool", "solo", "--without-mingle", "--without-gossip", "-Q")
Start = Callable[..., str]


@pytest.fixture
def start(redis_url: str, key_prefix: str, tmp_path: Path) -> Iterator[Start]:
    """Start a process of Celery's and return where it answers."""
    children: list[Child] = []

    def begin(*args: str) -> str:
        port = free_port()
        env = {
            "SLOTWISE_REDIS_URL": redis_url,
            "SLOTWISE_KEY_PREFIX": key_prefix,
            "SLOTWISE_LAKE": str(tmp_path / "lake"),
            "SLOTWISE_HEALTH_PORT": str(port),
        }
        argv = (sys.executable, "-m", "celery", "-A", "tasks.app", *args)
        spec = ChildSpec(
            name=args[0], argv=argv, env=env, log=tmp_path / f"{port}.log", stop_order=1
        )
        children.append(ForkedChild(spec))
        children[-1].start()
        return f"http://127.0.0.1:{port}"

    yield begin
    stop_all(children)


def get(url: str) -> tuple[int, str]:
    """Fetch a page; return 0 where no process answers yet."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


@pytest.mark.parametrize(
    ("args", "metric"),
    [
        ((*WORKER, "poll"), 'slotwise_tasks_now{state="active"}'),
        ((*WORKER, "lake"), 'slotwise_lake_files{table="position_updates"}'),
        (("beat", "--pidfile="), "slotwise_beat_timestamp_seconds"),
    ],
)
def test_a_process_answers(start: Start, args: tuple[str, ...], metric: str) -> None:
    url = start(*args)
    assert wait_until(lambda: get(f"{url}/readyz")[0] == 200, STARTS_S), get(f"{url}/readyz")
    assert get(f"{url}/healthz") == (200, "ok\n")
    assert wait_until(lambda: metric in get(f"{url}/metrics")[1], STARTS_S)


def test_what_is_no_task_of_ours_is_refused_and_counted(
    start: Start, bus: Bus, redis_url: str, key_prefix: str
) -> None:
    """A message of another name, and one that only pickle could read; the worker goes on."""
    url = start(*WORKER, "poll")
    assert wait_until(lambda: get(f"{url}/readyz")[0] == 200, STARTS_S)
    stranger = Celery(broker=redis_url)
    stranger.conf.broker_transport_options = {"global_keyprefix": f"{key_prefix}celery:"}
    stranger.conf.task_serializer = "json"
    stranger.send_task("os.system", args=["true"], queue="poll")
    stranger.send_task("tasks.occasions.watch", args=[], queue="poll", serializer="pickle")
    stranger.send_task("tasks.occasions.watch", args=[], queue="poll")
    stranger.close()
    assert wait_until(lambda: Counters(bus).all().get("tasks.refused") == 2, STARTS_S), Counters(
        bus
    ).all()
    done = 'slotwise_tasks_total{task="tasks.occasions.watch"} 1.0'
    assert wait_until(lambda: done in get(f"{url}/metrics")[1], STARTS_S)
