"""Who reads every log of a whole run learns no password, no secret and no full account number."""

from __future__ import annotations

import re
from pathlib import Path

from slotwise.bus.board import SnapshotBoard
from tests.walks.running_stack import FLOWER_USER, RunningStack, running_stack

REDIS_WORD, WEBHOOK_WORD = "a-word-for-redis", "a-word-for-the-webhook"
ACCOUNT = re.compile(r"D?[UFI]\d{5,}")


def test_logs_of_a_whole_run_give_nothing_away(tmp_path: Path) -> None:
    """With polls, a strategy, a reconciliation, a refused login, an outage and an end."""
    env = {"SLOTWISE_WEBHOOK_SECRET": WEBHOOK_WORD, "SLOTWISE_LOG_JSON": "true"}
    with running_stack(tmp_path, positions=60, redis_password=REDIS_WORD, more_env=env) as stack:
        said = live(stack)
    logs = {log.name: log.read_text(errors="replace") for log in tmp_path.glob("logs/*.log")}
    assert {"gateway.log", "poll-worker.log", "lake-worker.log", "beat.log", "flower.log"} <= set(
        logs
    )
    assert all(logs.values()), "each says something"
    secrets = (REDIS_WORD, WEBHOOK_WORD, FLOWER_USER.partition(":")[2])
    for name, log in {**logs, "what commands said": said}.items():
        for secret in secrets:
            assert secret not in log, (name, secret)
        assert ACCOUNT.findall(log) == [], name
    assert any("***" in log for log in logs.values()), "something was there to be masked"


def live(stack: RunningStack) -> str:
    """Do what is done in a day; return what the commands wrote to standard error."""
    stack.eventually(lambda: SnapshotBoard(stack.bus).all() is not None, 60, "a snapshot")
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    account = board[1][0].account
    assert ACCOUNT.fullmatch(account), "the simulator's accounts look like IB's"
    con_ids = [str(position.contract.con_id) for position in board[1][:4]]
    said = [stack.slotwise("strategies", "activate", "condor", "--legs", ",".join(con_ids))]
    stack.eventually(lambda: len(stack.ledger()) > 4, 30, "lines")
    stack.eventually(lambda: stack.slotwise("reconcile").returncode in (0, 1), 60, "a report")
    said.append(stack.slotwise("doctor"))
    assert stack.flower_api("/api/workers", user="trader:guess")[0] == 401
    stack.bus.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    stack.eventually(lambda: stack.slotwise("doctor", "--json").returncode == 0, 60, "all well")
    return "\n".join(ended.stderr for ended in said)
