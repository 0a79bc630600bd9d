"""The wire log on disk: what is in it, in which order, and what a kill leaves of it."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.simulator.raw_client import SPY, RawClient
from tests.integration.simulator.simulator_process import COMMAND, TIMEOUT_S, running
from tests.integration.simulator.test_simulator_process import ends_with
from tests.support.wire_recount import Line, read_log, recount, reported_by_ledger, reported_by_wire
from workers.stack.child import wait_until


def frames(path: Path, direction: str) -> list[Line]:
    """Give the frames of one direction."""
    return [e for e in read_log(path) if e["kind"] == "frame" and e["dir"] == direction]


def closed(path: Path) -> set[tuple[int, str]]:
    """Return which connections ended, and which side ended them."""
    return {(e["conn"], e["by"]) for e in read_log(path) if e["kind"] == "close"}


def test_every_frame_is_in_the_log_before_it_is_on_the_wire(tmp_path: Path) -> None:
    """What the client received is in the log, in that order, when the simulator is killed."""
    path = tmp_path / "wire.jsonl"
    with running("--positions", "30", "--wire-log", str(path)) as (process, port):
        client = RawClient(port)
        client.send(61, 1)
        heard = [client.wait_for("61") for _ in range(30)]
        client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        tick = client.wait_for("46")
        process.kill()
        process.wait()
        client.close()
    out = [e["fields"] for e in frames(path, "out")]
    assert [fields for fields in out if fields[0] == "61"] == heard
    assert tick in out
    assert [e["id"] for e in frames(path, "in")] == [71, 61, 1]
    kinds = [(e["kind"], e.get("dir")) for e in read_log(path) if e["kind"] != "holding"]
    assert kinds[:3] == [("open", None), ("greeting", "in"), ("greeting", "out")]
    assert {e["client_id"] for e in read_log(path)} == {None, 1}


def test_each_start_and_each_connection_has_a_name(tmp_path: Path) -> None:
    """A restart appends under another run, and counts connections from the start."""
    path = tmp_path / "wire.jsonl"
    for _ in range(2):
        with running("--positions", "1", "--wire-log", str(path)) as (_, port):
            for client_id in (4, 5):
                client = RawClient(port, client_id)
                client.send(49, 1)
                client.wait_for("49")
                client.close()
    opened = [(e["run"], e["conn"]) for e in read_log(path) if e["kind"] == "open"]
    assert [conn for _, conn in opened] == [1, 2, 1, 2]
    assert len({run for run, _ in opened}) == 2


def test_the_side_that_closed_is_logged(tmp_path: Path) -> None:
    """And bytes that are no frame are kept."""
    path = tmp_path / "wire.jsonl"
    with running("--positions", "1", "--wire-log", str(path)) as (_, port):
        garbage = RawClient(port, 1)
        garbage._socket.sendall(b"\xff\xff\xff\xff!")
        with pytest.raises((AssertionError, ConnectionError)):
            garbage.wait_for("never")
        garbage.close()
        RawClient(port, 2).close()
        assert wait_until(lambda: len(closed(path)) == 2, TIMEOUT_S)
    assert closed(path) == {(1, "simulator"), (2, "client")}
    (lost,) = [e for e in read_log(path) if e["kind"] == "bytes"]
    assert (lost["conn"], lost["dir"], lost["raw"]) == (1, "in", "ffffffff21")


def test_pacing_shows_when_a_request_came_and_when_it_was_worked_off(tmp_path: Path) -> None:
    """It waits once and is released once; one that did not wait is taken."""
    path = tmp_path / "wire.jsonl"
    options = ("--positions", "1", "--messages-per-second", "3", "--wire-log", str(path))
    with running(*options) as (_, port):
        client = RawClient(port)
        for _ in range(5):
            client.send(49, 1)
        for _ in range(5):
            client.wait_for("49")
        client.close()
    asked = [e for e in frames(path, "in") if e["id"] == 49]
    states = [e["state"] for e in asked]
    assert states.count("taken") + states.count("released") == 5
    assert states.count("waits") == states.count("released") > 0
    came = next(e["t"] for e in asked if e["state"] == "waits")
    assert max(e["t"] for e in asked if e["state"] == "released") > came


def test_bytes_that_are_no_text_are_escaped_and_kept(tmp_path: Path) -> None:
    """Any JSON reader can read the log, and nothing is lost."""
    path = tmp_path / "wire.jsonl"
    with running("--positions", "1", "--wire-log", str(path)) as (_, port):
        client = RawClient(port)
        client._socket.sendall(b"\0\0\0\x06\xff\xfe\0Z\xfcr")
        client.send("49", "ÿ")
        client.wait_for("49")
        client.close()
    _, odd, text = frames(path, "in")
    assert (odd["id"], odd["fields"], odd["raw"]) == (
        None,
        ["\\xff\\xfe", "Z\\xfcr"],
        "fffe005afc72",
    )
    assert (text["id"], text["fields"], "raw" in text) == (49, ["49", "ÿ"], False)


def test_the_recount_of_the_log_is_the_ledger(tmp_path: Path) -> None:
    """Two clients, snapshots, cancels, the limit, a hang-up."""
    wire, ledger = tmp_path / "wire.jsonl", tmp_path / "ledger.jsonl"
    options = ("--positions", "1", "--lines", "2", "--wire-log", str(wire), "--ledger", str(ledger))
    with running(*options) as (_, port):
        first, second = RawClient(port, 1), RawClient(port, 2)
        first.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        first.send(1, 11, 8, *SPY, 0, "", 1, 0, "")
        first.wait_for("57")
        second.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        second.send(1, 11, 8, *SPY, 0, "", 0, 0, "")
        while second.wait_for("4")[3] != "101":
            pass
        first.send(2, 2, 7)
        first.send(49, 1)
        first.wait_for("49")
        second.close()
        first.close()
        assert wait_until(lambda: len(closed(wire)) == 2, TIMEOUT_S)
    entries = [json.loads(line) for line in ledger.read_text().splitlines()]
    reported = reported_by_wire(recount(read_log(wire)))
    assert reported == reported_by_ledger(entries)
    assert [event for _, event, _, _ in reported][:6] == [
        "open", "snapshot", "end", "open", "reject", "cancel",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["missing/wire", "."])
def test_a_log_that_cannot_be_opened_is_one_line(path: str) -> None:
    """With status 1."""
    code, out, err = ends_with("--port", "0", "--positions", "1", "--wire-log", path)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert err.startswith(f"tws-simulator: wire log '{path}' cannot be written: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is full")
@pytest.mark.parametrize("option", ["--wire-log", "--ledger"])
def test_a_full_disk_ends_the_simulator_with_one_line(option: str) -> None:
    """It would be wrong from then on, and nothing would show it."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--positions", "1", option, "/dev/full"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    port = int(process.stdout.readline().rsplit(":", 1)[1])
    # It may hang up at any time.
    with suppress(AssertionError, OSError):
        client = RawClient(port)
        client.send(1, 11, 7, *SPY, 0, "", 0, 0, "")
        client.wait_for("never")
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (1, "")
    name = option.removeprefix("--").replace("-", " ")
    assert err == (
        f"tws-simulator: {name} '/dev/full' cannot be written: No space left on device\n"
    )
