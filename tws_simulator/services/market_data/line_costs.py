"""LineCosts: lines that subscriptions other than to market data cost, where they do.

Whether account updates or profits of holdings count as market data lines is contested: one document
says so, reports of users do not. By default they cost nothing; the options `--account-updates-cost`
and `--profit-cost`, or a probe's file, say otherwise.
"""

from __future__ import annotations

from collections.abc import Hashable
from math import ceil

from tws_simulator.services.market_data.lines import Lines


class LineCosts:
    """Take lines away while subscriptions last, and give them back."""

    def __init__(
        self, lines: Lines, account_updates_cost: int = 0, profit_cost: float = 0.0
    ) -> None:
        self._lines = lines
        self._cost = {"updates": float(account_updates_cost), "profit": profit_cost}
        self._open: dict[tuple[str, Hashable], float] = {}

    def updates_began(self, client_id: int) -> None:
        """Note that a client's account updates have begun."""
        self._begin("updates", client_id)

    def updates_ended(self, client_id: int) -> None:
        """Note that a client's account updates have ended."""
        self._end("updates", client_id)

    def profit_began(self, client_id: int, req_id: int) -> None:
        """Note that a subscription to profits has begun."""
        self._begin("profit", (client_id, req_id))

    def profit_ended(self, client_id: int, req_id: int) -> None:
        """Note that a subscription to profits has ended."""
        self._end("profit", (client_id, req_id))

    def _begin(self, what: str, key: Hashable) -> None:
        self._open[what, key] = self._cost[what]
        self._count()

    def _end(self, what: str, key: Hashable) -> None:
        if self._open.pop((what, key), None) is not None:
            self._count()

    def _count(self) -> None:
        self._lines.taken = ceil(round(sum(self._open.values()), 6))
