"""Activation: from the word to the request on the wire, with every line in use."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from workers.bench.asked import Asked
from workers.bench.figures import Curve, Part, Plot, Ratio, Spread, Table, number
from workers.bench.gateway_stand import GatewayStand, gateway_stand
from workers.bench.stand import own_redis, until
from workers.simulator.config import SimulatorConfig

#: Contracts and lines: few enough lines that quotes take every idle one.
POSITIONS, LINES, ACTIVE = 200, 12, 4
#: Activations of each kind, in groups of so many for a spread.
TIMES, GROUPS = 90, 3
#: Quotes take all lines within this, seconds.
WARM_UP_S = 8.0
#: Time for the line to go back to quotes, seconds: more than a line's shortest turn.
REST_S = 0.3
#: A request is on the wire within this, seconds.
WIRE_S = 30.0
#: Client id of bare ib_async.
BARE = 71
HOW = (
    "Two gateways are told, through registry and Redis as `slotwise strategies activate` does it,"
    " that a contract is active: one whose every idle line takes quotes in rotation, one without"
    " rotation whose lines are idle. Bare ib_async opens a free line when it is told through a"
    " pipe. Each is timed from the word to the request in the simulator's ledger, in turn. A line"
    " in use has to be taken back first: one cancel. The gateways read the registry's Delta table"
    " before they ask; that is most of the time."
)


def run(share: float) -> Part:
    """Measure the three in turn."""
    times = max(GROUPS, round(TIMES * share))
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        return part_of(asyncio.run(_measure(Path(name), times, max(1.5, WARM_UP_S * share))))


async def _measure(folder: Path, times: int, warm_up_s: float) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"rotation": [], "idle": [], "bare": []}
    config = SimulatorConfig(positions=POSITIONS, lines=LINES)
    for name in took:
        (folder / name).mkdir()
    with own_redis(folder) as redis:
        async with (
            gateway_stand(folder / "rotation", redis.url, config, ACTIVE, rotation=True) as full,
            gateway_stand(folder / "idle", redis.url, config, ACTIVE, rotation=False) as idle,
        ):
            await asyncio.sleep(warm_up_s)
            bare = Asked(
                folder / "bare.log", "workers.bench.bare.one_line", str(idle.server.port), str(BARE)
            )
            with bare:
                known = (await asyncio.to_thread(bare.heard))["contracts"]
                for number_ in range(times):
                    con_id = known[ACTIVE + number_ % (len(known) - ACTIVE)]
                    took["rotation"].append(await _gateway(full, con_id))
                    took["idle"].append(await _gateway(idle, con_id))
                    took["bare"].append(await _bare(idle, bare, con_id))
                    await asyncio.sleep(REST_S)
    return took


async def _gateway(stand: GatewayStand, con_id: int) -> float:
    told_at = await stand.activate("now", [con_id])
    at = await _on_wire(stand, con_id, told_at)
    await stand.close("now")
    return at - told_at


async def _bare(stand: GatewayStand, bare: Asked, con_id: int) -> float:
    told_at = stand.server.now()
    await asyncio.to_thread(bare.ask, con_id=con_id)
    return await _on_wire(stand, con_id, told_at, BARE) - told_at


async def _on_wire(
    stand: GatewayStand, con_id: int, since: float, client_id: int | None = None
) -> float:
    def asked() -> list[float]:
        return [
            event.t
            for event in stand.events("open", since=since)
            if event.con_id == con_id and client_id in (None, event.client_id)
        ]

    await until(lambda: bool(asked()), WIRE_S, "the request is on the wire")
    return asked()[0]


def part_of(took: dict[str, list[float]]) -> Part:
    """Sum up seconds from the word to the wire."""
    return Part(
        name="activation",
        title="Activation: from the word to the wire",
        how=HOW,
        ratios=(
            Ratio(
                name="median, every line in use", of="under full rotation / with idle lines",
                value=_grouped(took["rotation"], took["idle"]), better="less",
            ),
            Ratio(
                name="median, beside bare", of="under full rotation / bare ib_async",
                value=_grouped(took["rotation"], took["bare"]), better="less", noise=0.5,
            ),
        ),
        tables=(
            Table(
                "From the word to the wire, ms",
                ("", "median", "99th percentile", "worst", "activations"),
                tuple(
                    (
                        name,
                        *(number(_share(took[key], at) * 1000) for at in (0.5, 0.99, 1.0)),
                        str(len(took[key])),
                    )
                    for key, name in (
                        ("rotation", "gateway, every line in use"),
                        ("idle", "gateway, lines idle"),
                        ("bare", "bare ib_async, told through a pipe"),
                    )
                ),
            ),
        ),
        plots=(
            Plot(
                name="activation", title="Activations on the wire within", x="ms", y="share",
                curves=tuple(
                    Curve(name, _within(took[key]))
                    for key, name in (
                        ("rotation", "every line in use"), ("idle", "lines idle"),
                        ("bare", "bare ib_async"),
                    )
                ),
                log_x=True,
            ),
        ),
    )  # fmt: skip


def _grouped(ours: list[float], beside: list[float]) -> Spread:
    """Divide medians of parts of the run."""
    return Spread.of(
        [_share(ours[n::GROUPS], 0.5) / _share(beside[n::GROUPS], 0.5) for n in range(GROUPS)]
    )


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def _within(values: list[float]) -> tuple[tuple[float, float], ...]:
    ordered = sorted(values)
    return tuple((value * 1000, (n + 1) / len(ordered)) for n, value in enumerate(ordered))
