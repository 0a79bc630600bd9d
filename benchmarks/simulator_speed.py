"""How fast the simulator is: `python -m benchmarks.simulator_speed`.

It starts the simulator as a process, reads its socket with nothing but a socket, and takes the
process's own CPU time. It prints one line a measurement and ends by itself after about half a
minute. With `--core N` the simulator runs on that core alone (Linux).
"""

from __future__ import annotations

import argparse
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

#: What the issue asks for: lines, ticks a second over all of them, positions in one answer.
LINES, TICKS_PER_S, POSITIONS = 100, 50_000, 50_000
#: How long ticks are counted, seconds, after as long as it takes all lines to start.
COUNT_S, WARM_UP_S = 10.0, 2.0
#: Nothing may take longer, seconds.
TIMEOUT_S = 60.0
#: Bytes read in one go.
BLOCK_BYTES = 1 << 20
#: Messages that are ticks: price, size, option computation, number, text.
TICK_IDS = frozenset((b"1", b"2", b"21", b"45", b"46"))


class Wire:
    """Read frames from a socket, and count them without decoding more than their first field."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._buffer = bytearray()
        self._socket.sendall(b"API\0\0\0\0\x09v157..178")
        self.send(71, 2, 1, "")

    def send(self, *fields: object) -> None:
        """Send one request."""
        body = ("\0".join(map(str, fields)) + "\0").encode()
        self._socket.sendall(len(body).to_bytes(4, "big") + body)

    def bodies(self) -> list[bytes]:
        """Wait for bytes and give the frames that are complete."""
        data = self._socket.recv(BLOCK_BYTES)
        if not data:
            raise ConnectionError("the simulator closed the connection")
        buffer = self._buffer
        buffer += data
        found, start = [], 0
        while len(buffer) - start >= 4:
            end = start + 4 + int.from_bytes(buffer[start : start + 4], "big")
            if len(buffer) < end:
                break
            found.append(bytes(buffer[start + 4 : end]))
            start = end
        del buffer[:start]
        return found

    def read_until(self, last: bytes) -> list[bytes]:
        """Read until a message of an id has come."""
        bodies: list[bytes] = []
        while not any(body.startswith(last + b"\0") for body in bodies[-1:]):
            bodies += self.bodies()
        return bodies


@contextmanager
def simulator(*options: str, core: int | None) -> Iterator[tuple[psutil.Process, Wire]]:
    """Start a simulator and connect to it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tws_simulator", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        measured = psutil.Process(process.pid)
        if core is not None:
            measured.cpu_affinity([core])
        assert process.stdout is not None
        wire = Wire(int(process.stdout.readline().rsplit(":", 1)[1]))
        wire.read_until(b"4")
        yield measured, wire
    finally:
        process.terminate()
        process.wait()


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU time a process has used, seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)


def held_contracts(wire: Wire) -> list[tuple[str, str]]:
    """Ask for positions; return ids of US stocks and options, and of the index future."""
    wire.send(61, 1)
    rows = [b.decode().split("\0") for b in wire.read_until(b"62") if b.startswith(b"61\0")]
    usual = [row for row in rows if (row[5], row[11]) in (("STK", "USD"), ("OPT", "USD"))]
    futures = [(row[3], "CME") for row in rows if (row[4], row[5]) == ("ES", "FUT")]
    return [*futures, *((row[3], "SMART") for row in usual)]


def flood(rate: int, core: int | None) -> str:
    """Count the ticks of a hundred lines."""
    # The default portfolio has some holdings of other kinds, which are left out.
    options = ("--positions", str(LINES + 12), "--lines", str(LINES), "--messages-per-second", "0")
    with simulator(*options, "--tick-rate", str(rate), core=core) as (process, wire):
        for number, (con_id, exchange) in enumerate(held_contracts(wire)[:LINES]):
            wire.send(1, 11, number, con_id, "", "", "", 0.0, "", "", exchange, "", "", "", "",
                      0, "", 0, 0, "")  # fmt: skip
        until = time.monotonic() + WARM_UP_S
        while time.monotonic() < until:
            wire.bodies()
        started, used, ticks, lines = time.monotonic(), cpu_s(process), 0, set()
        while (elapsed := time.monotonic() - started) < COUNT_S:
            for body in wire.bodies():
                fields = body.split(b"\0", 3)
                if fields[0] in TICK_IDS:
                    ticks += 1
                    lines.add(fields[1 if fields[0] == b"21" else 2])
        used = cpu_s(process) - used
        return (
            f"--tick-rate {rate}: {ticks / elapsed:,.0f} ticks a second on {len(lines)} lines, "
            f"{used / elapsed:.0%} of a core, {ticks / used:,.0f} ticks a CPU second"
        )


def answer_positions(core: int | None) -> str:
    """Take the CPU time of one answer of many positions, and of the same again."""
    with simulator("--positions", str(POSITIONS), core=core) as (process, wire):
        spent = []
        for _ in range(2):
            used = cpu_s(process)
            wire.send(61, 1)
            count = sum(body.startswith(b"61\0") for body in wire.read_until(b"62"))
            spent.append(cpu_s(process) - used)
            assert count == POSITIONS
        return f"{POSITIONS:,} positions: {spent[0]:.2f} CPU seconds, asked again {spent[1]:.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the simulator's speed.")
    parser.add_argument("--rate", type=int, default=TICKS_PER_S)
    parser.add_argument("--core", type=int, default=None)
    asked = parser.parse_args()
    out = sys.stdout
    out.write(
        f"Python {platform.python_version()}, {platform.machine()}, {psutil.cpu_count()} cores\n"
    )
    out.write(flood(0, asked.core) + "\n")
    out.write(flood(asked.rate, asked.core) + "\n")
    out.write(answer_positions(asked.core) + "\n")


if __name__ == "__main__":
    main()
