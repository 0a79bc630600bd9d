"""Who reads all that a whole run writes learns no password, no secret and no account number."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from slotwise.bus.board import SnapshotBoard
from tests.walks.every_output import pages, printed, served
from tests.walks.running_stack import FLOWER_USER, RunningStack, running_stack

REDIS_WORD, WEBHOOK_WORD = "a-word-for-redis", "a-word-for-the-webhook"
#: Accounts of every form: real and paper, of advisors, with a letter more, and of no known form.
ACCOUNTS = (
    "U1234567", "F7654321", "I9876543", "DU1357911", "DF2468101", "DUM984512", "DUK765432",
    "DUH123456", "DUN556677", "DUT998877", "ABC12XY9", "987650123", "U9871567",
)  # fmt: skip
SYMBOLS = ("SPY", "QQQ", "IWM", "AAPL", "MSFT")


@contextmanager
def receiver() -> Iterator[tuple[str, list[str]]]:
    """Take what is posted; gives the address and the bodies."""
    bodies: list[str] = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            bodies.append(self.rfile.read(length).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Take)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", bodies
    finally:
        server.shutdown()


def portfolio(folder: Path) -> Path:
    """Write a portfolio in which each account holds something."""
    content = {
        "accounts": [
            {
                "account": account,
                "positions": [{"symbol": s, "quantity": n + 1} for n, s in enumerate(SYMBOLS)],
            }
            for account in ACCOUNTS
        ]
    }
    path = folder / "portfolio.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.timeout(600)
def test_a_whole_run_gives_nothing_away(tmp_path: Path) -> None:
    """With polls, a strategy, trades, TWS's words on accounts, reports, alerts and an outage."""
    with receiver() as (url, bodies):
        env = {
            "SLOTWISE_WEBHOOK_URL": url,
            "SLOTWISE_WEBHOOK_SECRET": WEBHOOK_WORD,
            "SLOTWISE_LOG_JSON": "true",
        }
        with running_stack(
            tmp_path,
            positions=0,
            portfolio=portfolio(tmp_path),
            redis_password=REDIS_WORD,
            more_env=env,
        ) as stack:
            answers = live(stack, bodies)
    logs = {log.name: log.read_text(errors="replace") for log in tmp_path.glob("logs/*.log")}
    logs.pop("simulator.log", None)
    assert {"gateway.log", "poll-worker.log", "lake-worker.log", "beat.log", "flower.log"} <= set(
        logs
    )
    assert all(logs.values()), "each says something"
    secrets = (REDIS_WORD, WEBHOOK_WORD, FLOWER_USER.partition(":")[2])
    for name, text in {**logs, **answers, "webhook": "\n".join(bodies)}.items():
        for secret in (*secrets, *ACCOUNTS):
            assert secret not in text, (name, secret, text[max(text.find(secret) - 200, 0) :][:400])
    assert any("***" in log for log in logs.values()), "something was there to be masked"
    assert "***" in answers["Flower"], "arguments and results name accounts"
    for name in ("stream", "reconcile"):
        assert "***" in answers[f"web {name}"], "it names accounts"
    for words in ("positions", "positions --account *456 --json", "silence list --json"):
        assert "***" in answers[f"slotwise {words}"], "it names accounts"
    assert "positions_unknown" in "".join(bodies), "the webhook has TWS's words on accounts"


def live(stack: RunningStack, bodies: Sequence[str]) -> dict[str, str]:
    """Do what is done in a day; return what was written, by where it was.

    `bodies` is what the webhook has got so far.
    """
    stack.eventually(lambda: SnapshotBoard(stack.bus).all() is not None, 60, "a snapshot")
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    assert {position.account for position in board[1]} == set(ACCOUNTS)
    con_ids = [str(position.contract.con_id) for position in board[1][:4]]
    runs = [done(stack, "strategies", "activate", "condor", "--legs", ",".join(con_ids))]
    stack.eventually(lambda: len(stack.ledger()) > 3, 30, "lines")
    for account in ("DUM984512", "ABC12XY9"):
        stack.control({"do": "fill", "account": account, "con_id": int(con_ids[0]), "quantity": 7})
    stack.eventually(lambda: stack.slotwise("reconcile").returncode in (0, 1), 60, "a report")
    runs.append(stack.slotwise("reconcile", "--account", "DUH123456"))
    silence = ("--account", "*XY9", "--contract", con_ids[0], "--for", "2d", "--why", "transfer")
    # The account is known by its name once its rows have landed.
    stack.eventually(
        lambda: stack.slotwise("silence", "add", *silence).returncode == 0, 60, "a silence"
    )
    runs.append(done(stack, "silence", "list"))
    stack.control({"do": "position_answers", "mode": "err10275", "account": "ABC12XY9,DUK765432"})
    stack.eventually(
        lambda: "not known" in stack.slotwise("doctor").stdout, 60, "unknown positions"
    )
    runs += [stack.slotwise("doctor"), stack.slotwise("status"), stack.slotwise("status", "--json")]
    shown = "".join(run.stdout for run in runs)
    # A state is sent only when it has lasted some seconds: it must not end before.
    stack.eventually(lambda: "positions_unknown" in "".join(bodies), 90, "the webhook's message")
    shown_in_a_browser = pages(stack, int(con_ids[0]))
    stack.control({"do": "position_answers", "mode": "whole"})
    assert stack.flower_api("/api/workers", user="trader:guess")[0] == 401
    everything = served(stack) | printed(stack, int(con_ids[0]), "DUH123456")
    flower = json.dumps([stack.flower_api("/api/tasks?limit=1000")[1], results(stack)])
    stack.bus.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    stack.eventually(lambda: stack.slotwise("doctor", "--json").returncode == 0, 90, "all well")
    return {
        "standard error of commands": "\n".join(run.stderr for run in runs),
        "standard output of commands": shown,
        "Flower": flower,
        **shown_in_a_browser,
        **everything,
    }


def done(stack: RunningStack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that does something, and must have done it."""
    run = stack.slotwise(*words)
    assert run.returncode == 0, (words, run.stderr)
    return run


def results(stack: RunningStack) -> list[Any]:
    """Ask Flower for the results of reconciliations."""
    _, tasks = stack.flower_api("/api/tasks?taskname=tasks.reconciliation.reconcile")
    assert tasks, "Flower knows the reconciliations"
    return [stack.flower_api(f"/api/task/result/{task_id}")[1] for task_id in tasks]
