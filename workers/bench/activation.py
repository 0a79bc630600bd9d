"""Activation: from the word to the request on the wire, with every line in use."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from workers.bench.asked import Asked
from workers.bench.figures import Curve, Part, Plot, Ratio, Spread, Table, number, ratios_of
from workers.bench.gateway_stand import CLIENT_ID, GatewayStand, gateway_stand
from workers.bench.stand import own_redis, until
from workers.simulator.config import SimulatorConfig

#: Contracts and lines: few enough lines that quotes take every idle one.
POSITIONS, LINES, ACTIVE = 200, 12, 4
#: Activations of each kind, more than 100 for a 99th percentile; and groups for a spread.
TIMES, GROUPS = 120, 3
#: Quotes take all lines within this, seconds.
WARM_UP_S = 8.0
#: Time after each, seconds: three of them are more than a line's shortest turn, and one is more
#: than a gateway reads the registry for a close, which is not to run beside the next.
REST_S = 0.1
#: A request is on the wire within this, seconds.
WIRE_S = 30.0
#: Client id of bare ib_async.
BARE = 71
HOW = (
    "Two gateways are told, through registry and Redis as `slotwise strategies activate` does it,"
    " that a contract is active: one whose every idle line takes quotes in rotation, one without"
    " rotation whose lines are idle. Bare ib_async opens a free line when it is told through a"
    " pipe, without ib_async's limit of messages. Each is timed from the word to the request in the"
    " simulator's ledger, in turn, and each of the three is first as often as the others. A line"
    " in use has to be taken back first: one cancel. The gateways read the registry's Delta table"
    " before they ask; that is most of the time. The lines in use when the word came are the"
    " ledger's."
)


def run(share: float) -> Part:
    """Measure the three in turn."""
    times = max(GROUPS, round(TIMES * share))
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        return part_of(asyncio.run(_measure(Path(name), times, max(1.5, WARM_UP_S * share))))


class Took(NamedTuple):
    """Hold how long one activation took, seconds, and how many lines were in use before it."""

    seconds: float
    in_use: int


async def _measure(folder: Path, times: int, warm_up_s: float) -> dict[str, list[Took]]:
    took: dict[str, list[Took]] = {"rotation": [], "idle": [], "bare": []}
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
                ways: dict[str, Callable[[int], Awaitable[Took]]] = {
                    "rotation": lambda con_id: _gateway(full, con_id),
                    "idle": lambda con_id: _gateway(idle, con_id),
                    "bare": lambda con_id: _bare(idle, bare, con_id),
                }
                free = [con_id for con_id in known if con_id not in full.contracts()[:ACTIVE]]
                for number_ in range(times):
                    for name in in_turn(tuple(ways), number_):
                        took[name].append(await ways[name](free[number_ % len(free)]))
                        await asyncio.sleep(REST_S)
    return took


def in_turn(names: Sequence[str], number_: int) -> tuple[str, ...]:
    """Order names so that another one is first each time."""
    first = number_ % len(names)
    return (*names[first:], *names[:first])


async def _gateway(stand: GatewayStand, con_id: int) -> Took:
    told_at = await stand.activate("now", [con_id])
    at = await _on_wire(stand, con_id, told_at, CLIENT_ID)
    await stand.close("now")
    return Took(at - told_at, _in_use(stand, told_at))


async def _bare(stand: GatewayStand, bare: Asked, con_id: int) -> Took:
    told_at = stand.server.now()
    await asyncio.to_thread(bare.ask, con_id=con_id)
    at = await _on_wire(stand, con_id, told_at, BARE)
    return Took(at - told_at, _in_use(stand, told_at))


def _in_use(stand: GatewayStand, at: float) -> int:
    """Give the lines that were in use at a time, by the ledger's newest event before it."""
    ledger = reversed(stand.server.ledger_events)
    return next((event.held for event in ledger if event.t < at), 0)


async def _on_wire(stand: GatewayStand, con_id: int, since: float, client_id: int) -> float:
    def asked() -> list[float]:
        return [
            event.t
            for event in stand.events("open", since=since)
            if event.con_id == con_id and event.client_id == client_id
        ]

    await until(lambda: bool(asked()), WIRE_S, "the request is on the wire")
    return asked()[0]


def part_of(took: Mapping[str, Sequence[Took]]) -> Part:
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
                ("", "median", "99th percentile", "worst", "activations", "every line in use"),
                tuple(
                    (
                        name,
                        *(number(_share(took[key], at) * 1000) for at in (0.5, 0.99, 1.0)),
                        str(len(took[key])),
                        str(sum(one.in_use >= LINES for one in took[key])),
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


def _grouped(ours: Sequence[Took], beside: Sequence[Took]) -> Spread:
    """Divide medians of parts of the run, one after another."""
    count = min(GROUPS, len(ours))
    parts = [slice(n * len(ours) // count, (n + 1) * len(ours) // count) for n in range(count)]
    return ratios_of(
        [_share(ours[part], 0.5) for part in parts], [_share(beside[part], 0.5) for part in parts]
    )


def _share(values: Sequence[Took], share: float) -> float:
    ordered = sorted(one.seconds for one in values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _within(values: Sequence[Took]) -> tuple[tuple[float, float], ...]:
    ordered = sorted(one.seconds for one in values)
    return tuple((seconds * 1000, (n + 1) / len(ordered)) for n, seconds in enumerate(ordered))
