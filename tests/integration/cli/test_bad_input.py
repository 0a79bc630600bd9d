"""Bad input is answered with one clear line, an exit status, and no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard
from slotwise.lake.store import Lake
from tests.support.command_process import run_command
from tests.unit.cli.scenes import gateway
from workers.stack.ports import free_port


def slotwise(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one command that is expected to end by itself."""
    clean = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    return run_command(*args, env={**clean, **env})


def assert_one_line(answer: subprocess.CompletedProcess[str], *words: str, status: int = 1) -> None:
    """Check the last line for the words, and that nothing but log lines was written before it."""
    assert answer.returncode == status, (answer.stdout, answer.stderr)
    assert "Traceback" not in answer.stderr
    lines = answer.stderr.strip().splitlines()
    errors = [line for line in lines if line.startswith("slotwise: ")]
    assert len(errors) == 1, answer.stderr
    for word in words:
        assert word in errors[0]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Listen on a port that sends no greeting."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """Name a folder that no user can make, not even root: its parent is a file."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "lake"


@pytest.mark.parametrize("command", [("lines",), ("why", "756733")])
def test_questions_without_a_gateway(redis_url: str, command: tuple[str, ...]) -> None:
    answer = slotwise(*command, REDIS_URL=redis_url, SLOTWISE_KEY_PREFIX="unused:")
    assert_one_line(answer, "no gateway runs", "slotwise gateway", status=2)


def test_unreachable_tws(redis_url: str, tmp_path: Path) -> None:
    port = free_port()
    answer = slotwise(
        "gateway", "--host", "127.0.0.1", "--port", str(port),
        REDIS_URL=redis_url, SLOTWISE_LAKE=str(tmp_path / "lake"),
        SLOTWISE_IB_CONNECT_TIMEOUT_S="1", SLOTWISE_KEY_PREFIX=f"{tmp_path.name}:",
    )  # fmt: skip
    assert_one_line(answer, f"127.0.0.1:{port}", "connection refused", "SLOTWISE_IB_PORT")


def test_a_port_where_something_else_listens(
    redis_url: str, tmp_path: Path, taken_port: int
) -> None:
    answer = slotwise(
        "gateway", "--host", "127.0.0.1", "--port", str(taken_port),
        REDIS_URL=redis_url, SLOTWISE_LAKE=str(tmp_path / "lake"),
        SLOTWISE_IB_CONNECT_TIMEOUT_S="1", SLOTWISE_KEY_PREFIX=f"{tmp_path.name}:",
    )  # fmt: skip
    assert_one_line(answer, f"127.0.0.1:{taken_port}", "does not greet as TWS does")


def test_unreachable_redis(tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    answer = slotwise("gateway", REDIS_URL=url, SLOTWISE_LAKE=str(tmp_path / "lake"))
    assert_one_line(answer, url, "REDIS_URL")


def test_a_redis_address_that_is_none(tmp_path: Path) -> None:
    answer = slotwise("reconcile", REDIS_URL="nonsense", SLOTWISE_LAKE=str(tmp_path / "lake"))
    assert_one_line(answer, "nonsense", "no Redis address")


def test_simulator_port_in_use(taken_port: int) -> None:
    answer = slotwise("simulator", "--host", "127.0.0.1", "--port", str(taken_port))
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert str(taken_port) in answer.stderr
    assert "in use" in answer.stderr


@pytest.mark.parametrize("command", ["simulator", "gateway"])
def test_a_port_that_is_none(command: str) -> None:
    answer = slotwise(command, "--port", "99999")
    assert answer.returncode == 2, "wrong usage"
    assert "port" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "JSON"), ('{"accounts": 3}', "accounts"), ('{"accounts": [{}]}', "account")],
)
def test_a_portfolio_that_is_none(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "portfolio.json"
    path.write_text(text)
    answer = slotwise("simulator", "--port", "0", "--portfolio", str(path))
    assert answer.returncode == 1, (answer.stdout, answer.stderr)
    assert answer.stderr.count("\n") == 1
    assert str(path) in answer.stderr
    assert words in answer.stderr


def test_the_demo_names_a_portfolio_it_cannot_read(tmp_path: Path) -> None:
    answer = slotwise("demo", "--portfolio", str(tmp_path / "none.json"), "--seconds", "5")
    assert_one_line(answer, "none.json")


def test_the_demo_says_what_is_wrong_with_a_portfolio_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.json").write_text("[1]")
    monkeypatch.chdir(tmp_path)
    words = ("demo", "--portfolio", "odd.json", "--seconds", "5")
    assert_one_line(slotwise(*words, TMPDIR=str(tmp_path)), "odd.json")
    assert list(tmp_path.glob("lake/*")) == []
    assert list(tmp_path.glob("slotwise-demo-*")) == []


def test_the_demo_names_a_lake_it_cannot_write_and_leaves_no_folder(
    blocked: Path, tmp_path: Path
) -> None:
    words = ("demo", "--lake", str(blocked), "--seconds", "5")
    assert_one_line(slotwise(*words, TMPDIR=str(tmp_path)), str(blocked))
    assert list(tmp_path.glob("slotwise-demo-*")) == []


def test_the_demo_refuses_more_active_contracts_than_positions() -> None:
    answer = slotwise("demo", "--positions", "5", "--active", "6", "--seconds", "5")
    assert_one_line(answer, "--active 6", "--positions 5")


def test_a_lake_that_cannot_be_written(blocked: Path) -> None:
    words = ("strategies", "activate", "x", "--legs", "1", "--force")
    assert_one_line(slotwise(*words, SLOTWISE_LAKE=str(blocked)), str(blocked))


def test_a_contract_that_no_gateway_can_look_up(redis_url: str, tmp_path: Path, lake: Lake) -> None:
    """Its id is registered with --force alone."""
    words = ("strategies", "activate", "x", "--legs", "1")
    where = {
        "REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": f"{tmp_path.name}:",
        "SLOTWISE_LAKE": lake.address,
    }
    assert_one_line(slotwise(*words, **where), "no gateway answers", "--force")
    assert slotwise(*words, "--force", **where).returncode == 0


def test_an_unknown_strategy(lake: Lake) -> None:
    answer = slotwise("strategies", "close", "absent", SLOTWISE_LAKE=lake.address)
    assert_one_line(answer, "no active strategy 'absent'", "none is active")


@pytest.mark.parametrize("legs", ["1.5", "-3", "", "99999999999999999999"])
def test_a_contract_id_that_is_no_number(tmp_path: Path, legs: str) -> None:
    answer = slotwise(
        "strategies", "activate", "x", f"--legs={legs}", SLOTWISE_LAKE=str(tmp_path / "lake")
    )
    assert_one_line(answer, "contract id")


def test_a_setting_that_makes_no_sense(tmp_path: Path) -> None:
    answer = slotwise("strategies", "list", SLOTWISE_LINES="many", SLOTWISE_LAKE=str(tmp_path))
    assert_one_line(answer, "SLOTWISE_LINES", "many")


def reconcile(redis_url: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return slotwise(
        "reconcile", "--timeout", "1",
        REDIS_URL=redis_url, SLOTWISE_LAKE=str(tmp_path / "lake"),
        SLOTWISE_KEY_PREFIX=f"{tmp_path.name}:",
    )  # fmt: skip


def test_a_reconciliation_that_no_worker_answers(redis_url: str, tmp_path: Path) -> None:
    """Where a gateway runs and has no reason against it."""
    bus = Bus(redis_url, f"{tmp_path.name}:")
    StatusBoard(bus).put(replace(gateway(), at=datetime.now(UTC)))
    assert_one_line(
        reconcile(redis_url, tmp_path), "no worker reconciled within 1 s", "poll worker", status=2
    )
    bus.close()


def test_a_reconciliation_without_a_system_says_so_at_once(redis_url: str, tmp_path: Path) -> None:
    answer = reconcile(redis_url, tmp_path)
    assert answer.returncode == 2
    assert "no Slotwise system is running here" in " ".join(answer.stdout.split())
