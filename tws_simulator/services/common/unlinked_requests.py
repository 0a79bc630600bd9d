"""Requests that need IB's servers, while TWS has no link to them."""

from __future__ import annotations

from collections.abc import Callable

from tws_simulator.services.common.client import Client

#: Most requests of all clients that are kept; further ones are lost, as their answers would be.
MAX_WAITING = 10_000


class UnlinkedRequests:
    """Keep requests in their order until the link is back, or lose them."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Client, Callable[[float], None]]] = []

    def keep(self, client: Client, answer: Callable[[float], None]) -> None:
        """Keep a request."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append((client, answer))

    def answer(self, now: float) -> None:
        """Answer all that wait."""
        waiting, self._waiting = self._waiting, []
        for _, answer in waiting:
            answer(now)

    def lose(self) -> None:
        """Drop all; no client is notified."""
        self._waiting.clear()

    def leave(self, client: Client) -> None:
        """Drop a client's requests."""
        self._waiting = [kept for kept in self._waiting if kept[0] is not client]
