"""An order, how far it got, and what it executed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from tws_simulator.instruments.contract import Contract

OrderStatus: TypeAlias = Literal[
    "PreSubmitted", "Submitted", "Filled", "Cancelled", "Inactive", "PendingCancel"
]
Action: TypeAlias = Literal["BUY", "SELL"]


@dataclass(frozen=True, slots=True)
class ComboLeg:
    """Hold one contract of a combination: `ratio` of it for each combination."""

    contract: Contract
    ratio: int
    action: Action
    exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Hold what was asked for. A combination has legs, and its first leg's contract.

    `quantity` is not signed; prices are in the contract's currency, None where none was given.
    `order_id` is negative or 0 for what was typed into TWS; `perm_id` is IB's own.
    """

    order_id: int
    client_id: int
    perm_id: int
    contract: Contract
    account: str
    action: Action
    quantity: Decimal
    order_type: str
    exchange: str
    legs: tuple[ComboLeg, ...] = ()
    limit_price: float | None = None
    aux_price: float | None = None
    tif: str = "DAY"
    oca_group: str = ""
    oca_type: int = 0
    order_ref: str = ""
    parent_id: int = 0
    parent_perm_id: int = 0
    transmit: bool = True
    outside_rth: bool = False
    what_if: bool = False
    good_after: str = ""
    good_till: str = ""
    trail_stop_price: float | None = None
    trailing_percent: float | None = None
    cash_quantity: float | None = None

    @property
    def sec_type(self) -> str:
        """Return the type as TWS shows it: BAG for a combination."""
        return "BAG" if self.legs else self.contract.sec_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What an order would do to an account; amounts are in its currency."""

    initial_before: float
    initial_after: float
    maintenance_before: float
    maintenance_after: float
    equity_before: float
    equity_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """Return how far an order got. Times are unix seconds.

    `commission` is the sum so far, or what is expected of a what-if order, and None while
    nothing of it is known; `reason` is why it was cancelled or refused.
    """

    order: Order
    status: OrderStatus
    filled: Decimal = Decimal(0)
    avg_fill_price: float = 0.0
    last_fill_price: float = 0.0
    why_held: str = ""
    commission: float | None = None
    margin: Margin | None = None
    reason: str = ""
    placed_at: float = 0.0
    done_at: float | None = None

    @property
    def remaining(self) -> Decimal:
        """Return the quantity that is not filled."""
        return self.order.quantity - self.filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill. `at` is in unix seconds.

    `is_combo` marks the line that sums a combination up: its price is the net, its contract the
    first leg's. `commission` is in the contract's currency and 0 for that line; `realized` is
    None where nothing was closed.
    """

    exec_id: str
    order_id: int
    client_id: int
    perm_id: int
    account: str
    contract: Contract
    side: Literal["BOT", "SLD"]
    quantity: Decimal
    price: float
    at: float
    exchange: str
    cumulative: Decimal
    avg_price: float
    commission: float
    realized: float | None = None
    order_ref: str = ""
    is_combo: bool = False
