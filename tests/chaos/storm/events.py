"""What can happen: kills, and disturbances of the world around, each from a seeded choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from tests.chaos.storm.bad_days import BAD_DAYS
from tests.chaos.storm.outsider import OutsideError, give, wipe_redis
from tests.chaos.storm.stand import LINES, SECOND_BEAT, SECOND_GATEWAY, STANDBY
from tests.chaos.storm.world import Event, World

#: Time for which a process is stopped, seconds: shorter and longer than a lease in Redis.
STOPPED_S = (1.0, 12.0)
#: Time for which IB is away, seconds.
AWAY_S = (0.5, 4.0)


def _kill(*names: str) -> Event:
    def kill(world: World) -> str:
        children = [world.stand.child(name) for name in names]
        alive = [child for child in children if child is not None and child.pid is not None]
        if not alive:
            raise OutsideError(f"{names[0]} is dead already")
        child = world.random.choice(alive)
        assert child.pid is not None
        if child.spec.name == "simulator":
            world.lines.forget()
        world.kill(names[0], child.pid)
        return f"kill -9 {child.spec.name}"

    return kill


def _kill_pool_child(world: World) -> str:
    name = world.random.choice(("poll worker", "poll worker 2"))
    pids = world.stand.pool_children(name)
    if not pids:
        raise OutsideError(f"the pool of {name} is not there yet")
    chosen = world.random.sample(pids, world.random.randint(1, min(world.may_kill, len(pids))))
    for pid in chosen:
        world.kill("pool child", pid)
    return f"kill -9 {len(chosen)} pool children of {name}"


def _wipe(world: World) -> str:
    wipe_redis(world.stand.redis_port)
    return "empty Redis"


def _stop(world: World) -> str:
    names = ("redis", "simulator", "gateway", "poll worker", "lake worker", "beat")
    child = world.stand.child(world.random.choice(names))
    seconds = world.random.uniform(*STOPPED_S)
    if child is None or child.pid is None:
        raise OutsideError("it is dead already")
    world.stand.stop_for(child.pid, seconds)
    return f"stop {child.spec.name} for {seconds:.1f} s"


def _away(world: World) -> str:
    back = world.random.choice((1101, 1102))
    world.stand.later(
        world.random.uniform(*AWAY_S),
        lambda: _ignore(give(world.stand.control_port, do="notice", code=back)),
    )
    return world.give(do="notice", code=1100) + f", then {back}"


def _half_open(world: World) -> str:
    if world.random.random() < 0.5:
        seconds = world.random.uniform(*AWAY_S)
        world.give(
            do="half_open", where=world.random.choice(("greeting", "start")), seconds=seconds
        )
        return (
            world.give(do="drop") + f", and the next connections hear nothing for {seconds:.1f} s"
        )
    return world.give(do="silence")


def _trade(world: World) -> str:
    held = world.random.choice(world.held)
    what = world.random.random()
    if what < 0.1 and held.sec_type == "OPT":
        strike = round(held.strike) + world.random.randrange(1, 40) * 5
        return world.give(
            do="open",
            symbol=held.symbol,
            expiry=held.expiry,
            strike=strike,
            right=held.right,
            quantity=world.random.randrange(1, 9),
        )
    quantity = 0 if what < 0.4 else world.random.randrange(-20, 20)
    return world.give(do="position", account=held.account, con_id=held.con_id, quantity=quantity)


def _ignore(_: object) -> None:
    return None


KILLS: Mapping[str, Event] = {
    "redis": _kill("redis"),
    "simulator": _kill("simulator"),
    "gateway": _kill("gateway", STANDBY, SECOND_GATEWAY),
    "poll worker": _kill("poll worker", "poll worker 2"),
    "pool child": _kill_pool_child,
    "lake worker": _kill("lake worker"),
    "beat": _kill("beat"),
}
DISTURBANCES: Mapping[str, Event] = {
    "wipes": _wipe,
    "pauses": _stop,
    "drops": lambda world: world.give(do="drop"),
    "losses": lambda world: world.give(do="notice", code=1101),
    "outages": _away,
    "half-opens": _half_open,
    "limits": lambda world: world.give(
        do="limit", lines=world.random.randrange(world.active, LINES + 1)
    ),
    "beats": lambda world: (
        f"{SECOND_BEAT} " + ("starts" if world.stand.toggle_second_beat() else "ends")
    ),
}
DISTURBANCES = {**DISTURBANCES, **BAD_DAYS}
TRADES: Mapping[str, Event] = {"trades": _trade}
KINDS = (*KILLS, *DISTURBANCES, *TRADES)


def in_turn(kinds: list[str], random: Random) -> Iterator[str]:
    """Yield kinds without end, each as often as the others, in random order."""
    while kinds:
        yield from random.sample(kinds, len(kinds))
