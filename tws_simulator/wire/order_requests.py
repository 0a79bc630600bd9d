"""Requests about orders as frozen values: what of an order's many fields means something here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tws_simulator.instruments.query import ContractQuery


@dataclass(frozen=True, slots=True)
class Leg:
    """Name one contract of a combination: `ratio` of it for each combination, bought or sold."""

    con_id: int
    ratio: int
    action: str
    exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Place an order, or change the one of this id.

    Prices are None where the client sent none. `conditions` counts the order's conditions, which
    are read and not obeyed.
    """

    order_id: int
    contract: ContractQuery
    action: str
    quantity: Decimal
    order_type: str
    legs: tuple[Leg, ...] = ()
    limit_price: float | None = None
    aux_price: float | None = None
    tif: str = ""
    oca_group: str = ""
    oca_type: int = 0
    account: str = ""
    order_ref: str = ""
    transmit: bool = True
    parent_id: int = 0
    outside_rth: bool = False
    what_if: bool = False
    good_after: str = ""
    good_till: str = ""
    trail_stop_price: float | None = None
    trailing_percent: float | None = None
    algo: str = ""
    conditions: int = 0
    cash_quantity: float | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel one order."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionsRequest:
    """Ask for the executions of the day that fit; empty and 0 mean "any".

    `since` is a time as the client wrote it. `last_days` and `dates`, YYYYMMDD, ask for other
    days than today.
    """

    req_id: int
    client_id: int = 0
    account: str = ""
    since: str = ""
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    side: str = ""
    last_days: int | None = None
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompletedOrdersRequest:
    """Ask for the day's orders that are done; `api_only` leaves out those typed into TWS."""

    api_only: bool
