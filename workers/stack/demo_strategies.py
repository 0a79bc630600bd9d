"""DemoStrategies: the strategies of a demo as the registry records them, its own and a user's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, registry_command
from slotwise.bus.status import GatewayStatus, LegState
from slotwise.contract import Contract
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from slotwise.registry import StrategyRegistry
from workers.stack.portfolio_pick import PRIORITIES, pick_strategies

#: States of an active contract to which TWS gives no line, whichever client asks.
NO_LINE: frozenset[LegState] = frozenset({"refused", "unknown", "expired"})


class DemoStrategies:
    """Make the demo's strategies, and follow what a user changes while it runs.

    The registry in the lake is the record that lines are checked against; what the gateway makes
    of it is what is checked.
    """

    def __init__(self, lake: Lake, bus: Bus) -> None:
        self._lake = lake
        self._commands = Commands(bus)
        self._registry: StrategyRegistry | None = None
        self._own: frozenset[int] = frozenset()
        #: Contracts of active strategies now, and of those at any time since the demo made its own.
        self.active: frozenset[int] = frozenset()
        self.ever_active: frozenset[int] = frozenset()

    def begin(self, contracts: Sequence[Contract], count: int) -> None:
        """Activate strategies of `count` held contracts, and close those of an earlier run."""
        chosen = pick_strategies(contracts, count)
        registry = self._open_registry()
        now = datetime.now(UTC)
        for number, (name, con_ids) in enumerate(chosen.items()):
            registry.activate(name, con_ids, now, priority=1 + number % PRIORITIES)
        for strategy in registry.strategies():
            if strategy.name not in chosen:
                registry.close(strategy.name, now)
        self._own = frozenset(con_id for legs in chosen.values() for con_id in legs)
        self.ever_active = frozenset()
        self.follow()

    def follow(self) -> None:
        """Read what was changed since; raises LakeError."""
        registry = self._open_registry()
        registry.reload()
        self.active = frozenset(registry.wanted())
        self.ever_active |= self.active

    def entitled(self, gateway: GatewayStatus | None) -> int:
        """Count the active contracts that TWS gives a line while one is free.

        The demo's own are all among them, whatever the gateway reports.
        """
        legs = () if gateway is None else gateway.legs
        without = {leg.con_id for leg in legs if leg.state in NO_LINE} - self._own
        return len(self.active - without)

    def _open_registry(self) -> StrategyRegistry:
        if self._registry is None:
            self._registry = open_registry(
                self._lake, lambda change: self._commands.send(registry_command(change))
            )
        return self._registry
