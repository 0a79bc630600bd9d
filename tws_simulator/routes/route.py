"""How a request gets to what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tws_simulator.services.common.client import Client
from tws_simulator.wire.fields import Fields
from tws_simulator.world import World

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Route(Generic[R]):
    """Hold how a request is read, what it does, and where its id stands.

    `id_at` is the index of the request id among the frame's fields, 0 where there is none; an
    error that is found before the request could be read is sent under that id.
    """

    read: Callable[[Fields], R]
    do: Callable[[World, Client, R, float], None]
    id_at: int = 0


def nothing(world: World, client: Client, request: object, now: float) -> None:
    """Accept what has no effect here."""
