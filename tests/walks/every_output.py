"""Everything that a running system serves, and everything that its commands print."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from pathlib import Path

from tests.support.web_process import first, web_process
from tests.walks.running_stack import FLOWER_USER, RunningStack

#: Pages of Flower that show something of the system.
FLOWER_PAGES = (
    "/",
    "/workers",
    "/tasks",
    "/broker",
    "/metrics",
    "/api/workers",
    "/api/queues/length",
)
#: Tasks whose own pages are read: the newest of each name.
PAGES_OF_A_NAME = 2


def commands(con_id: int, account: str, folder: Path) -> tuple[tuple[str, ...], ...]:
    """Name every command that shows something, in words for people and in JSON."""
    both: tuple[tuple[str, ...], ...] = (
        ("positions",),
        ("positions", "--account", account),
        ("positions", "--account", "*" + account[-3:]),
        ("portfolio",),
        ("history", str(con_id)),
        ("reconcile", "--settle", "0"),
        ("queue",),
        ("queue", "dead"),
        ("queue", "aside"),
        ("silence", "list"),
        ("strategies", "list"),
        ("strategies", "show", "condor"),
        ("lines",),
        ("why", str(con_id)),
        ("why", str(con_id), "--gaps"),
        ("status",),
        ("doctor",),
        ("lake",),
        ("lake", "check"),
        ("report", "--out", str(folder / "report.html")),
    )
    once = (("positions", "--totals"), ("reconcile", "--account", account))
    return (*once, *both, *((*words, "--json") for words in both))


def printed(stack: RunningStack, con_id: int, account: str) -> dict[str, str]:
    """Run every command; return what each wrote, by its words."""
    found = {}
    for words in commands(con_id, account, stack.folder):
        run = stack.slotwise(*words)
        assert "Traceback" not in run.stderr, run.stderr
        assert run.stdout, (words, run.stderr)
        found["slotwise " + " ".join(words)] = run.stdout + run.stderr
    found["report"] = (stack.folder / "report.html").read_text()
    return found


def served(stack: RunningStack) -> dict[str, str]:
    """Read the health pages of every process, and the pages of Flower."""
    found = {}
    for name, port in stack.health.items():
        for page in ("metrics", "healthz", "readyz"):
            found[f"{name} {page}"] = _read(f"http://127.0.0.1:{port}/{page}")
        assert "slotwise_" in found[f"{name} metrics"], name
    for page in (*FLOWER_PAGES, *_task_pages(stack)):
        found[f"Flower {page}"] = _read(stack.flower + page, FLOWER_USER)
    return found


def pages(stack: RunningStack, con_id: int) -> dict[str, str]:
    """Read all that the web application sends, with its log."""
    url, lake = stack.env["REDIS_URL"], stack.env["SLOTWISE_LAKE"]
    folder = stack.folder / "web"
    folder.mkdir()
    with web_process(folder, redis_url=url, lake=lake) as web:
        cookie = web.log_in()
        found = {"web stream": json.dumps(first(web.messages(cookie), "whole"))}
        for path in (f"/history?id={con_id}", "/past?at=1+s+ago&zone=UTC", "/past?at=x&zone=UTC"):
            found[f"web {path}"] = web.ask(path, cookie=cookie)[2]
        found["web reconcile"] = json.dumps(web.reconcile(cookie))
        return {**found, "web.log": web.log_file.read_text(errors="replace")}


def _task_pages(stack: RunningStack) -> list[str]:
    _, tasks = stack.flower_api("/api/tasks?limit=1000")
    names: dict[str, list[str]] = {}
    for task_id, task in tasks.items():
        names.setdefault(str(task["name"]), []).append(task_id)
    return [f"/task/{one}" for ids in names.values() for one in ids[:PAGES_OF_A_NAME]]


def _read(url: str, user: str = "") -> str:
    request = urllib.request.Request(url)
    if user:
        request.add_header("Authorization", f"Basic {b64encode(user.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        text: str = answer.read().decode(errors="replace")
        return text
