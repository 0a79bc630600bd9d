"""`tws-simulator` as a process: what it prints, how it ends, what it leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.simulator.raw_client import SPY, RawClient
from tests.integration.simulator.simulator_process import COMMAND, TIMEOUT_S, running


def ledger(path: Path) -> list[dict[str, Any]]:
    """Read a ledger."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def ends_with(*options: str) -> tuple[int, str, str]:
    """Run a command that should end by itself."""
    done = subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_at_a_signal_with_clients_connected(number: signal.Signals) -> None:
    """Status 0, one line on standard output, nothing on standard error."""
    with running("--positions", "5") as (process, port):
        client = RawClient(port)
        client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        client.wait_for("1")
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT_S)
        client.close()
    assert (process.returncode, out, err) == (0, "", "")


def test_the_ledger_survives_a_kill_and_a_restart_goes_on_in_it(tmp_path: Path) -> None:
    """Each line is on disk as soon as it is true; each start has a run id of its own."""
    path = tmp_path / "ledger.jsonl"
    options = ("--positions", "5", "--lines", "1", "--ledger", str(path))
    for _ in range(2):
        with running(*options) as (process, port):
            client = RawClient(port)
            for req_id in (7, 8):
                client.send(1, 11, req_id, *SPY, 0, "", 0, 0, "")
            assert client.wait_for("4")[3] in ("101", "2104")
            client.send(49, 1)
            client.wait_for("49")
            process.kill()
            process.wait()
            client.close()
        # As a kill in the middle of a line would leave it.
        with path.open("a") as file:
            file.write('{"t": 1')
    lines = path.read_text().splitlines()
    assert [line for line in lines if line == '{"t": 1'] == ['{"t": 1'] * 2
    events = [json.loads(line) for line in lines if line != '{"t": 1']
    assert [event["event"] for event in events] == ["open", "reject"] * 2
    assert len({event["run"] for event in events}) == 2
    assert events[0].keys() == {
        "t", "client_id", "event", "req_id", "con_id", "held", "limit", "run",
    }  # fmt: skip
    for event in events:
        assert (event["client_id"], event["con_id"], event["limit"]) == (1, 756733, 1)


def test_a_closed_socket_ends_its_lines_in_the_ledger(tmp_path: Path) -> None:
    """The next client has the line at once."""
    path = tmp_path / "ledger.jsonl"
    with running("--positions", "5", "--lines", "1", "--ledger", str(path)) as (_, port):
        client = RawClient(port)
        client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        client.wait_for("58")
        client.close()
        client = RawClient(port, 2)
        client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        client.wait_for("58")
        client.close()
    assert [(e["event"], e["client_id"], e["held"]) for e in ledger(path)][:3] == [
        ("open", 1, 1), ("end", 1, 0), ("open", 2, 1),
    ]  # fmt: skip


def test_two_starts_with_one_seed_hold_the_same_book() -> None:
    """A restarted simulator is the same TWS account."""
    books = []
    for _ in range(2):
        with running("--positions", "30", "--seed", "5") as (_, port):
            client = RawClient(port)
            client.send(61, 1)
            books.append([client.wait_for("61") for _ in range(30)])
            client.close()
    assert books[0] == books[1]


def test_a_portfolio_file_takes_the_place_of_the_book(tmp_path: Path) -> None:
    """Its accounts, its positions."""
    path = tmp_path / "portfolio.json"
    path.write_text(
        json.dumps(
            {"accounts": [{"account": "U9", "positions": [{"symbol": "SPY", "quantity": 3}]}]}
        )
    )
    with running("--portfolio", str(path)) as (_, port):
        client = RawClient(port)
        client.send(17, 1)
        assert client.wait_for("15") == ["15", "1", "U9"]
        client.send(61, 1)
        assert client.wait_for("61")[2:6] == ["U9", "756733", "SPY", "STK"]
        assert client.wait_for("62")
        client.close()


def test_the_control_port_obeys_on_loopback() -> None:
    """A command is a line, and so is the answer."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    with running("--positions", "5", "--control", str(free)) as (_, port):
        client = RawClient(port)
        with socket.create_connection(("127.0.0.1", free), timeout=TIMEOUT_S) as control:
            answers = control.makefile()
            control.sendall(b'{"do": "limit", "lines": 0}\nnonsense\n')
            assert json.loads(answers.readline()) == {"ok": True, "held": 0}
            assert json.loads(answers.readline())["ok"] is False
            client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
            while client.wait_for("4")[3] != "101":
                pass
            control.sendall(b'{"do": "refuse", "seconds": 0.3}\n')
            assert json.loads(answers.readline()) == {"ok": True}
            with pytest.raises((AssertionError, ConnectionError)):
                client.wait_for("never")
            client.close()
            client = _as_soon_as_it_listens(port)
            client.send(49, 1)
            client.wait_for("49")
            client.close()
            answers.close()


def test_a_scenario_is_played_and_written_to_standard_error(tmp_path: Path) -> None:
    """Each step in one line, with its answer; a client meets what it does."""
    path = tmp_path / "scenario.jsonl"
    path.write_text(
        '{"at": 0, "do": "limit", "lines": 0}\n'
        '{"at": 0, "after": "first_client", "do": "close", "con_id": 1}\n'
        '{"at": 0.1, "after": "first_client", "do": "restart", "seconds": 0.2, "notice": 1}\n'
    )
    with running("--positions", "5", "--scenario", str(path)) as (process, port):
        client = RawClient(port)
        while client.wait_for("4")[3] != "1100":
            pass
        with pytest.raises((AssertionError, ConnectionError)):
            client.wait_for("never")
        client.close()
        client = _as_soon_as_it_listens(port)
        client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        while client.wait_for("4")[3] != "101":
            pass
        client.close()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (0, "")
    lines = err.splitlines()
    assert [line.split(" at ")[0] for line in lines] == [f"scenario line {n}" for n in (1, 2, 3)]
    assert lines[0].endswith('s: {"do": "limit", "lines": 0} -> {"ok": true, "held": 0}')
    assert '{"ok": false, "error": "DU1234567 holds no contract 1"}' in lines[1]


def _as_soon_as_it_listens(port: int) -> RawClient:
    while True:
        try:
            return RawClient(port)
        except ConnectionError:
            continue


def test_a_port_in_use_is_one_line_and_status_1() -> None:
    """No traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = ends_with("--port", str(port), "--positions", "1")
    assert (status, out) == (1, "")
    assert err == (
        f"tws-simulator: cannot listen on 127.0.0.1:{port}: "
        f"{os.strerror(98 if sys.platform == 'linux' else 48)}\n"
    )


@pytest.mark.parametrize(
    ("options", "status", "reported"),
    [
        (("--port", "70000"), 2, "--port 70000 is not between 0 and 65535"),
        (("--port", "-1"), 2, "--port -1 is not between"),
        (("--positions", "50001"), 2, "--positions 50001 is not between 0 and 50000"),
        (("--lines", "-1"), 2, "--lines -1 is less than 0"),
        (("--tick-rate", "-1"), 2, "--tick-rate -1 is less than 0"),
        (("--control", "70000"), 2, "--control 70000 is not between"),
        (("--port", "0", "--portfolio", "missing.json"), 1, "No such file"),
        (("--port", "0", "--scenario", "missing.jsonl"), 1, "No such file"),
        (("--restart-at", "24:00"), 2, "--restart-at '24:00' is no time of day"),
        (("--restart-takes", "0"), 2, "--restart-takes 0 is not above 0"),
        (("--port", "0", "--ledger", "missing/ledger"), 1, "cannot be written: No such file"),
        (("--port", "0", "--ledger", "."), 1, "cannot be written: Is a directory"),
        (("--port", "0", "--host", "203.0.113.1"), 1, "cannot listen on 203.0.113.1:0"),
        (("--port", "0", "--host", "no host"), 1, "cannot listen on no host:0"),
    ],
)
def test_bad_input_is_one_clear_line(options: tuple[str, ...], status: int, reported: str) -> None:
    """On standard error, with status 1, or 2 where the options themselves make no sense."""
    code, out, err = ends_with(*options)
    assert code == status, err
    assert out == ""
    assert reported in err
    assert err.startswith("tws-simulator: ")
    assert len(err.splitlines()) == 1


def test_a_broken_portfolio_is_reported_with_its_field(tmp_path: Path) -> None:
    """Which account, which position, which field."""
    path = tmp_path / "portfolio.json"
    path.write_text(
        '{"accounts": [{"account": "U1", "positions": [{"symbol": "SPY", "quantity": "x"}]}]}'
    )
    code, _, err = ends_with("--port", "0", "--portfolio", str(path))
    assert code == 1
    assert err == (
        f"tws-simulator: portfolio {str(path)!r}: "
        "accounts[0].positions[0].quantity: must be a number\n"
    )


def test_a_broken_scenario_is_named_with_its_line_before_a_client_can_connect(
    tmp_path: Path,
) -> None:
    """Nothing was listened on."""
    path = tmp_path / "scenario.jsonl"
    path.write_text('{"at": 1, "do": "drop"}\n{"at": 2, "do": "dance"}\n')
    code, out, err = ends_with("--port", "0", "--scenario", str(path))
    assert (code, out) == (1, "")
    assert err.startswith(f'tws-simulator: scenario {str(path)!r}: line 2: "do" must be one')
    assert len(err.splitlines()) == 1


def test_options_are_explained() -> None:
    """Each with its unit."""
    code, out, _ = ends_with("--help")
    assert code == 0
    for option in ("--host", "--port", "--positions", "--lines", "--seed", "--portfolio",
                   "--ledger", "--control", "--tick-rate", "--index-snapshots-wait", "--scenario",
                   "--restart-at"):  # fmt: skip
        assert option in out


def test_a_tick_rate_floods_every_line() -> None:
    """Thousands of sizes between two quotes, over a real socket."""
    with running("--tick-rate", "20000", "--messages-per-second", "0") as (_, port):
        client = RawClient(port)
        for req_id in (1, 2):
            client.send(1, 11, req_id, *SPY, 0, "", 0, 0, "")
        counts = {"1": 0, "2": 0}
        while min(counts.values()) < 10_000:
            counts[client.wait_for("2")[2]] += 1
        assert abs(counts["1"] - counts["2"]) < 5_000
