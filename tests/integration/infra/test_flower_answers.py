"""Flower's pages and calls that our transport and our tasks need to know of."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from slotwise.settings import settings
from tasks.celery_setup.flower_broker import QueueLengths
from workers.stack.child import wait_until
from workers.stack.ports import free_port

#: Flower imports a second of libraries, on a busy machine many, seconds.
STARTS_S = 60.0
LOGIN = "trader:secret"
APPLY = "/api/task/async-apply/tasks.reconciliation.reconcile"


class Flower:
    """Flower of a test, and its answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, body: object = None, method: str = "GET") -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        login = base64.b64encode(LOGIN.encode()).decode()
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Authorization": f"Basic {login}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def apply(self, **body: Any) -> tuple[int, str]:
        """Send the call that docs/operations.md has."""
        return self.ask(APPLY, body, "POST")

    def is_up(self) -> bool:
        try:
            return self.ask("/healthcheck")[0] == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def flower(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flower]:
    folder: Path = tmp_path_factory.mktemp("flower")
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "flower", "--port", str(port)],
            env={**clean, "SLOTWISE_REDIS_URL": redis_url, "FLOWER_BASIC_AUTH": LOGIN},
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            made = Flower(port)
            assert wait_until(made.is_up, STARTS_S), (folder / "log").read_text()[-2000:]
            yield made
        finally:
            process.terminate()
            process.wait(20)


def test_the_broker_page_and_the_lengths_of_queues_answer(flower: Flower) -> None:
    status, page = flower.ask("/broker")
    assert status == 200
    assert "poll" in page
    status, text = flower.ask("/api/queues/length")
    assert status == 200
    lengths = {one["name"]: one["messages"] for one in json.loads(text)["active_queues"]}
    assert all(isinstance(length, int) for length in lengths.values())
    assert lengths


@pytest.mark.parametrize("answered", [[], ["poll"], ["lake"]])
def test_both_queues_are_shown_whichever_worker_answered_flower(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, answered: list[str]
) -> None:
    """Flower asks workers once, at its start, and not again one that was not up yet."""
    monkeypatch.setenv("SLOTWISE_REDIS_URL", redis_url)
    settings.cache_clear()
    found = asyncio.run(QueueLengths(redis_url).queues(answered))
    settings.cache_clear()
    assert [one["name"] for one in found] == ["lake", "poll"]


def test_the_newest_tasks_come_first(flower: Flower) -> None:
    """The page sorts by the column `received`, the newest first, where it has that column."""
    status, page = flower.ask("/tasks")
    assert status == 200
    assert 'data-column="received"' in page


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kwargs": {"acount": "DU1"}}, "acount"),
        ({"args": [1, 2, 3]}, "argument"),
        ({"kwargs": {"account": 5}}, "account must be a name"),
        ({"kwargs": {"heal": "yes"}}, "heal must be true or false"),
        ({"kwargs": []}, "kwargs must be an object"),
        ({"args": "DU1"}, "args must be an array"),
    ],
)
def test_a_wrong_argument_gets_400_with_a_reason(
    flower: Flower, body: dict[str, Any], reason: str
) -> None:
    status, text = flower.apply(**body)
    assert (status, reason in text) == (400, True), text


def test_right_arguments_are_taken(flower: Flower) -> None:
    status, text = flower.apply(kwargs={"account": None, "heal": False})
    assert status == 200, text
    assert "task-id" in text
