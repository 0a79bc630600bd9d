"""One core is enough, by CPU time: bounds are several times what is measured, whatever else runs.

`python -m benchmarks.simulator_speed` measures the real thing, over a socket.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.unit.simulator.in_memory import InMemoryTws

LINES, TICKS_PER_S, POSITIONS = 100, 50_000, 50_000
#: Simulated time that ticks are made for, seconds.
MADE_S = 2
#: A row of positions costs 10 to 20 times the joining of its fields; a pass over all positions for
#: each would cost thousands of times.
TIMES_FRAMES = 60.0
#: CPU time grows too while another process has the other half of a core: one good try is enough.
TRIES = 3


def test_fifty_thousand_ticks_a_second_take_less_than_a_core() -> None:
    """A second of them over a hundred lines costs less than a second of CPU time."""
    tws = InMemoryTws(positions=LINES, lines=LINES, tick_rate=TICKS_PER_S, messages_per_s=0)
    client = tws.client()
    for req_id, held in enumerate(tws.world.accounts.positions()):
        client.market_data(req_id, held.contract)
    tws.wait(1)
    client.read()

    def used() -> float:
        begun = time.process_time()
        tws.wait(MADE_S)
        cpu_s = time.process_time() - begun
        assert len(client.read(1, 2, 21, 45, 46)) >= TICKS_PER_S * MADE_S * 0.98
        return cpu_s

    assert any(used() < MADE_S for _ in range(TRIES))


def test_fifty_thousand_positions_cost_little_more_than_their_frames() -> None:
    """By CPU time beside that of joining the same fields; asked again they are there already."""

    def beside_frames() -> float:
        client = InMemoryTws(positions=POSITIONS).client()

        def used() -> tuple[float, float]:
            begun = time.process_time()
            client.send(61, 1)
            cpu_s = time.process_time() - begun
            rows = client.read(61)
            assert len(rows) == POSITIONS
            return cpu_s, frames_s(rows)

        first_s, plain_s = used()
        again_s, _ = used()
        assert again_s < first_s / 10
        return first_s / plain_s

    assert any(beside_frames() < TIMES_FRAMES for _ in range(TRIES))


def frames_s(rows: Sequence[Sequence[str]]) -> float:
    """Return the CPU time of joining messages' fields to frames, seconds."""
    begun = time.process_time()
    frames = []
    for fields in rows:
        body = "\0".join(fields).encode() + b"\0"
        frames.append(len(body).to_bytes(4, "big") + body)
    assert len(b"".join(frames)) > len(rows)
    return time.process_time() - begun
