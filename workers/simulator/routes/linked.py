"""Requests that TWS passes on to IB's servers: they wait while the link is down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from workers.simulator.desks.client import Client
from workers.simulator.desks.resolve import Refused
from workers.simulator.world import World


class HasId(Protocol):
    """Carry a request id."""

    @property
    def req_id(self) -> int:
        """Return the id."""
        ...


R = TypeVar("R", bound=HasId)


def linked(
    do: Callable[[World, Client, R, float], None],
) -> Callable[[World, Client, R, float], None]:
    """Answer at once with a link, and when the link is back without."""

    def answer(world: World, client: Client, request: R, now: float) -> None:
        if world.market_data.outages.linked:
            do(world, client, request, now)
            return

        def later(at: float) -> None:
            try:
                do(world, client, request, at)
            except Refused as refused:
                refused.tell(client, request.req_id, at)

        world.waiting_room.keep(client, later)

    return answer
