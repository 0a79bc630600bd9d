"""Models: which part of an account's positions is in which model portfolio of an advisor.

An account's position is the sum of its parts; what is in no model is the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.position import Position

#: What is in no model.
NO_MODEL = ""
NOTHING = Decimal(0)


class Models:
    """Parts of positions by model; listeners are called when those of a position change."""

    def __init__(self, accounts: Accounts) -> None:
        self._parts: dict[tuple[str, int], dict[str, Decimal]] = {}
        self._listeners: list[Callable[[Position, float], None]] = []
        accounts.listen(self._on_change)

    def listen(self, on_change: Callable[[Position, float], None]) -> None:
        """Take each position whose parts may have changed; one that is closed has 0."""
        self._listeners.append(on_change)

    def put(self, held: Position, model: str, quantity: Decimal, now: float) -> None:
        """Put this quantity of a position into a model from now on."""
        parts = self._parts.setdefault((held.account, held.contract.con_id), {})
        parts[model] = quantity
        self._notify(held, now)

    def parts(self, held: Position) -> dict[str, Position]:
        """Return the parts of a position by their model; parts of quantity 0 are left out."""
        in_models = self._parts.get((held.account, held.contract.con_id), {})
        rest = held.quantity - sum(in_models.values(), NOTHING)
        whole = {NO_MODEL: rest, **in_models}
        return {m: replace(held, quantity=q) for m, q in whole.items() if q}

    def _on_change(self, held: Position, now: float) -> None:
        if not held.quantity:
            self._parts.pop((held.account, held.contract.con_id), None)
        self._notify(held, now)

    def _notify(self, held: Position, now: float) -> None:
        for listener in self._listeners:
            listener(held, now)
