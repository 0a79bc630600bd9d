"""Bad days: disturbances that last for a moment and end, whatever else happens meanwhile.

Each notes its end with the stand, which tries it again until it could be done.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.chaos.storm.clocks import MACHINES
from tests.chaos.storm.outsider import Held, OutsideError, call_redis, give
from tests.chaos.storm.stand import SECOND_GATEWAY, STANDBY
from tests.chaos.storm.world import Event, World

#: Lengths of a bad day, seconds: shorter and longer than leases, beats and polls of the stand.
LASTS_S = (1.0, 8.0)
#: Time without workers, seconds: several leases of the queue run out untouched.
WITHOUT_WORKERS_S = (8.0, 25.0)
#: Error of a clock, hours: longer than a storm, so that a row's time shows which clock it had.
HOURS = (-6, -3, 3, 5)
HOUR_S = 3600
#: Days without workers by their clock, and the seconds in which these days pass.
DAYS, DAYS_PASS_IN_S = (1, 3, 9), (5.0, 12.0)
DAY_S = 86_400
#: A quantity that fits no column, and the largest price that the simulator can be given.
HUGE_QUANTITY, HUGE_PRICE = 2**63 - 1, 9.9e11
#: Number of cuts of Redis's clients, and the time between two of them, seconds.
CUTS, CUT_EVERY_S = 6, 0.4
POSITION_MODES = ("empty", "empty2151", "2151noend", "silent", "readonly", "partial")


def _lasting(world: World, bounds: tuple[float, float] = LASTS_S) -> float:
    return world.random.uniform(*bounds)


def _clock(world: World) -> str:
    clocks, seconds = world.stand.clocks, _lasting(world)
    if clocks.why_not:
        raise OutsideError(clocks.why_not)
    machine, hours = world.random.choice(MACHINES), world.random.choice(HOURS)
    clocks.step(machine, hours * HOUR_S)
    world.stand.until(seconds, lambda: clocks.step(machine, 0.0))
    return f"the clock of {machine} is {hours:+d} hours off for {seconds:.1f} s"


def _unmount(world: World) -> str:
    stand, seconds = world.stand, _lasting(world)
    if not stand.env["SLOTWISE_LAKE"].startswith("/"):
        raise OutsideError("a lake in an object store is not mounted")
    if stand.volume.is_away:
        raise OutsideError("the lake is away already")
    stand.volume.take_away()
    stand.until(seconds, lambda: _mount(world))
    return (
        f"the lake is {'renamed' if stand.volume.why_renamed else 'unmounted'} for {seconds:.1f} s"
    )


def _mount(world: World) -> None:
    written = world.stand.volume.bring_back()
    # A write that was under way in that instant leaves a file of rows that no commit names. A
    # commit there would be a second lake.
    if any("_delta_log" in path for path in written):
        world.broken.append(f"written into the empty mount point: {written[:5]}")
    world.strays += sum(path.endswith(".parquet") for path in written)


def _second(name: str) -> Event:
    def toggle(world: World) -> str:
        return f"{name} " + ("starts" if world.stand.toggle_gateway(name) else "ends")

    return toggle


def _redis(what: str, begin: str, end: str) -> Event:
    def disturb(world: World) -> str:
        port, seconds = world.stand.redis_port, _lasting(world)
        call_redis(port, begin)
        world.stand.until(seconds, lambda: call_redis(port, end))
        return f"Redis {what} for {seconds:.1f} s"

    return disturb


def _cut(world: World) -> str:
    port = world.stand.redis_port
    call_redis(port, "CLIENT KILL TYPE normal SKIPME yes")
    for turn in range(1, CUTS):
        world.stand.later(
            turn * CUT_EVERY_S, lambda: call_redis(port, "CLIENT KILL TYPE normal SKIPME yes")
        )
    return f"the clients of Redis are cut {CUTS} times"


def _poison(world: World) -> str:
    port, seconds = world.stand.control_port, _lasting(world)
    held = world.random.choice([held for held in world.held if held.con_id not in world.legs])
    if world.random.random() < 0.5:
        world.stand.until(seconds, lambda: _hold(port, held, float(held.quantity)))
        return _hold(port, held, HUGE_QUANTITY)
    con_id = world.random.choice((held.con_id, *world.legs))
    world.stand.until(seconds, lambda: give(port, do="quote", con_id=con_id))
    return world.give(do="quote", con_id=con_id, bid=HUGE_PRICE, ask=HUGE_PRICE)


def _hold(port: int, held: Held, quantity: int | float) -> str:
    command = {"account": held.account, "con_id": held.con_id, "quantity": quantity}
    give(port, do="position", **command)
    return str(command)


def _positions(world: World) -> str:
    """Answer positions with nothing, with less than all, late or never."""
    port, seconds = world.stand.control_port, _lasting(world)
    mode = world.random.choice(POSITION_MODES)
    missing = {"missing": world.random.choice((0.25, 0.75))} if mode == "partial" else {}
    world.stand.until(seconds, lambda: give(port, do="position_answers", mode="whole"))
    return world.give(do="position_answers", mode=mode, seconds=seconds, **missing)


def _login(world: World) -> str:
    """Let TWS be started again, and be long at logging in."""
    port, seconds = world.stand.control_port, _lasting(world)
    managed = world.random.choice(("empty", "silent", "whole"))
    also = {} if managed == "whole" else {"managed": managed}
    mode = world.random.choice(("empty", "empty2151", "2151noend"))
    answer = world.give(do="late_accounts", seconds=seconds, mode=mode, **also)
    world.stand.until(seconds, lambda: give(port, do="late_accounts", on=0))
    give(port, do="drop")
    return answer


def _rival(world: World) -> str:
    """Let another session take the market data, and perhaps the positions."""
    port, seconds = world.stand.control_port, _lasting(world)
    choose = world.random.choice
    answer = world.give(
        do="competing",
        on=1,
        seconds=seconds,
        back=choose(("alone", "asked")),
        new=choose(("refused", "kept")),
        positions=choose(("whole", "empty2151", "empty")),
    )
    world.stand.until(seconds, lambda: give(port, do="competing", on=0))
    return answer


def _absence(world: World) -> str:
    names, seconds = ["poll worker", "poll worker 2"], _lasting(world, WITHOUT_WORKERS_S)
    if world.random.random() < 0.4:
        names = [world.random.choice(("lake worker", "beat"))]
    away = [name for name in names if world.stand.take_away(name, seconds)]
    if not away:
        raise OutsideError(f"{names} are dead already")
    return f"{' and '.join(away)} are away for {seconds:.1f} s"


def _days(world: World) -> str:
    """Let workers and beat come back after days, by their clock; then their clock is set right."""
    clocks, stand, seconds = world.stand.clocks, world.stand, _lasting(world, DAYS_PASS_IN_S)
    if clocks.why_not:
        raise OutsideError(clocks.why_not)
    names = ("beat", "poll worker", "poll worker 2", "lake worker")
    away = [name for name in names if stand.take_away(name, seconds)]
    if not away:
        raise OutsideError("all of them are dead already")
    days = world.random.choice(DAYS)
    clocks.step("workers", days * DAY_S)
    stand.until(seconds + _lasting(world), lambda: clocks.step("workers", 0.0))
    return f"{' and '.join(away)} are away for {days} days of their clock, in {seconds:.1f} s"


BAD_DAYS: Mapping[str, Event] = {
    "clocks": _clock,
    "unmounts": _unmount,
    "standbys": _second(STANDBY),
    "gateways": _second(SECOND_GATEWAY),
    "days": _days,
    "replicas": _redis("is a replica", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
    "memory": _redis("has no memory", "CONFIG SET maxmemory 1mb", "CONFIG SET maxmemory 0"),
    "cuts": _cut,
    "poisons": _poison,
    "positions": _positions,
    "logins": _login,
    "rivals": _rival,
    "absences": _absence,
}
