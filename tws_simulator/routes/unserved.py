"""Requests that exist and are not simulated: each is refused under its own id, at once.

A client that gets no answer waits without end, so silence would be the worst of answers. What
cancels such a request has nothing to cancel, and is taken without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.route import Route, nothing
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.wire import parsing
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import Bare
from tws_simulator.world import World

#: Message, what it asks for, and the place of its request id; 0 where it has none.
REQUESTS = (
    (10, "Market depth", 2), (12, "News bulletins", 0), (18, "Financial advisor data", 0),
    (19, "Financial advisor data", 4), (21, "Exercise of options", 2), (22, "Market scanner", 1),
    (24, "Market scanner", 0), (50, "Real time bars", 2), (52, "Fundamental data", 2),
    (54, "Calculation of volatility", 2), (55, "Calculation of option prices", 2),
    (65, "Verification", 0), (66, "Verification", 0), (67, "Display groups", 2),
    (68, "Display groups", 2), (69, "Display groups", 2), (72, "Verification", 0),
    (73, "Verification", 0), (79, "Soft dollar tiers", 1), (80, "Family codes", 0),
    (82, "Exchanges of market depth", 0), (84, "News", 1), (85, "News", 0), (86, "News", 1),
    (87, "Head time stamp", 1), (88, "Histogram", 1), (96, "Historical ticks", 1),
    (97, "Tick by tick data", 1), (100, "Event calendar", 1), (102, "Event calendar", 1),
)  # fmt: skip
#: What cancels one of these.
CANCELS = (11, 13, 23, 51, 53, 56, 57, 70, 89, 90, 98, 101, 103)


def _refusing(what: str, id_at: int) -> Route[Bare]:
    def refuse(world: World, client: Client, request: Bare, now: float) -> None:
        raise Refused(ErrorCode.VALIDATING, f"{what}: not simulated")

    return Route(parsing.bare, refuse, id_at)


UNSERVED: Mapping[int, Route[Any]] = {
    **{number: _refusing(what, id_at) for number, what, id_at in REQUESTS},
    **{number: Route(parsing.bare, nothing) for number in CANCELS},
}
