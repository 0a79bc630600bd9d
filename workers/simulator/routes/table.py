"""Every request that is known, by the number of its message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workers.simulator.routes.accounts import ACCOUNTS
from workers.simulator.routes.contracts import CONTRACTS
from workers.simulator.routes.market_data import MARKET_DATA
from workers.simulator.routes.orders import ORDERS
from workers.simulator.routes.route import Route
from workers.simulator.routes.system import SYSTEM
from workers.simulator.routes.unserved import UNSERVED

ROUTES: Mapping[int, Route[Any]] = {
    **MARKET_DATA, **CONTRACTS, **ACCOUNTS, **ORDERS, **SYSTEM, **UNSERVED,
}  # fmt: skip
