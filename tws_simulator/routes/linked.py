"""Requests that TWS passes on to IB's servers: they wait while the link or their farm is down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from tws_simulator.instruments.query import ContractQuery, find
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.farms import DEFINITIONS, US_HISTORY, history_farm_of
from tws_simulator.services.common.resolve import Refused
from tws_simulator.world import World


class HasId(Protocol):
    """Carry a request id."""

    @property
    def req_id(self) -> int:
        """Return the id."""
        ...


class HasContract(HasId, Protocol):
    """Carry the description of a contract."""

    @property
    def contract(self) -> ContractQuery:
        """Return the description."""
        ...


R = TypeVar("R", bound=HasId)


def definitions(world: World, request: HasId) -> str:
    """Return the farm that has definitions of contracts."""
    return DEFINITIONS


def history(world: World, request: HasContract) -> str:
    """Return the farm that has the history of the contract asked for."""
    found = find(world.universe, request.contract)
    return history_farm_of(found[0]) if found else US_HISTORY


def linked(
    do: Callable[[World, Client, R, float], None], farm: Callable[[World, R], str] = definitions
) -> Callable[[World, Client, R, float], None]:
    """Answer at once while the link and the farm are up, and when they are back otherwise."""

    def answer(world: World, client: Client, request: R, now: float) -> None:
        if world.market_data.outages.serves(farm(world, request)):
            do(world, client, request, now)
            return

        def later(at: float) -> None:
            try:
                answer(world, client, request, at)
            except Refused as refused:
                refused.send(client, request.req_id, at)

        world.unlinked_requests.keep(client, later)

    return answer
