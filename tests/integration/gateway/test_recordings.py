"""A conversation that the gateway recorded is played to another one: it lands the same rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slotwise.account import forget_accounts
from slotwise.bus.client import Bus
from slotwise.errors import InputError
from slotwise.wire.frame import Frame
from slotwise.wire.privacy import findings
from slotwise.wire.recording import Recording, read_recording
from tests.integration.gateway.gateway_floor import CLIENT_ID, held_ids
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.replay.server import ReplayServer
from tws_simulator.server import SimulatorServer
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.wire_log import WireLog

#: Holdings, and how many of them are active.
POSITIONS, ACTIVE = 30, 6
#: Time for which a recording goes on after its gateway had everything, seconds.
AFTER_S = 2.0


@pytest.fixture(autouse=True)
def _no_known_accounts() -> Iterator[None]:
    """Forget the accounts that a test's gateway learns."""
    yield
    forget_accounts()


async def rows_of(
    bus: Bus, port: int, active: list[int], log: WireLog | None
) -> tuple[set[Any], set[int]]:
    """Run a gateway until all lines tick and every contract is queued, and return its rows."""
    registry = MemoryRegistry()
    registry.activate("desk", active)
    settings = config(bus, ib_port=port, ib_client_id=CLIENT_ID)
    broker = IbBroker(settings.ib_host, port, CLIENT_ID, tap=log.tap if log is not None else None)
    landing, rest = Landing(bus), POSITIONS - ACTIVE

    def priced() -> set[int]:
        rows = landing.rows("position_updates")
        return {row["con_id"] for row in rows if row["price"] is not None}

    async with running(settings, broker, bus, registry):
        await until(lambda: priced() >= set(active), 30)
        await until(lambda: len({item.con_id for item in landing.items()}) == rest, 30)
        if log is not None:
            # A replay ends where its recording did, and may be slower to ask.
            await asyncio.sleep(AFTER_S)
    held = {
        (row["con_id"], row["symbol"], row["quantity"], row["avg_cost"])
        for row in landing.rows("position_updates")
    }
    return held, {item.con_id for item in landing.items()}


def read(path: Path) -> Recording:
    """Read a recording."""
    with path.open("rb") as lines:
        return read_recording(lines, str(path))


def test_a_recorded_gateway_and_its_replay_land_the_same_rows(bus: Bus, tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(positions=POSITIONS)) as simulator:
            active = held_ids(simulator)[:ACTIVE]
            accounts = {p.account for p in simulator.world.accounts.positions()}
            log = WireLog(path)
            recorded = await rows_of(bus, simulator.port, active, log)
            log.close()
        bus.redis.flushdb()
        forget_accounts()
        async with ReplayServer(path) as replay:
            replayed = await rows_of(bus, replay.port, active, None)
        assert replayed == recorded
        text = path.read_text()
        assert not any(account in text for account in accounts)

    asyncio.run(run())
    recording = read(path)
    assert list(findings(recording.frames())) == []
    kinds = {frame.kind for _, frame in recording.frames()}
    assert {1, 9, 15, 61, 62, 71} <= kinds


def test_a_full_file_is_followed_by_another_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    log = WireLog(path, file_size=4096, write_s=0.001)
    tap = log.tap()
    for number in range(400):
        tap.sent(b"61\x00%d\x00" % number)
        if number % 20 == 0:
            # Each turn of the thread writes once.
            while log.waiting:
                time.sleep(0.001)
    log.close()
    files = sorted(each.name for each in tmp_path.iterdir())
    assert files == ["wire.jsonl", *(f"wire.jsonl.{n}" for n in (1, 2, 3))]
    seen = [
        int(line.fields[1])
        for name in reversed(files)
        for _, line in read(tmp_path / name).lines
        if isinstance(line, Frame)
    ]
    assert seen == list(range(seen[0], 400)), "in order, without a gap, up to the last"
    assert all(each.stat().st_size < 3 * 4096 for each in tmp_path.iterdir())


def test_messages_are_whole_however_their_bytes_arrive(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    log = WireLog(path)
    tap = log.tap()
    stream = b"".join(
        len(body).to_bytes(4, "big") + body
        for body in (b"178\0now\0", b"15\x001\0DU1234567\0", b"46\x006\x00-1\x0045\x001\0")
    )
    for place in range(len(stream)):
        tap.received(stream[place : place + 1])
    tap.closed()
    log.close()
    frames = [frame.fields for _, frame in read(path).frames()]
    assert frames == [("178", "now"), ("15", "1", "DU0000001"), ("46", "6", "-1", "45", "1")]


def test_what_the_thread_cannot_keep_up_with_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    log = WireLog(path, most_waiting=5)
    tap = log.tap()
    for _ in range(50_000):
        tap.sent(b"61\x001\0")
    log.close()
    lines = [line for _, line in read(path).lines]
    kept = sum(isinstance(line, Frame) for line in lines)
    left_out = sum(getattr(line, "frames", 0) for line in lines)
    assert left_out > 0
    assert kept + left_out == 50_000 or kept + left_out == 50_001


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"SLOTWISE_WIRE_LOG.*cannot be written"):
        WireLog(tmp_path / "file" / "wire.jsonl")


def test_an_earlier_recording_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    for _ in range(2):
        WireLog(path).close()
    assert path.with_name("wire.jsonl.1").exists()
