"""Every request that is known, by the number of its message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.accounts import ACCOUNTS
from tws_simulator.routes.contracts import CONTRACTS
from tws_simulator.routes.market_data import MARKET_DATA
from tws_simulator.routes.orders import ORDERS
from tws_simulator.routes.route import Route
from tws_simulator.routes.system import SYSTEM
from tws_simulator.routes.unserved import UNSERVED

ROUTES: Mapping[int, Route[Any]] = {
    **MARKET_DATA, **CONTRACTS, **ACCOUNTS, **ORDERS, **SYSTEM, **UNSERVED,
}  # fmt: skip
