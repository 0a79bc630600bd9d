"""Requests as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from tws_simulator.instruments.query import ContractQuery


@dataclass(frozen=True, slots=True)
class StartApi:
    """Begin the session under a client id."""

    client_id: int


@dataclass(frozen=True, slots=True)
class ById:
    """Ask for, or cancel, what a request id stands for."""

    req_id: int


@dataclass(frozen=True, slots=True)
class Bare:
    """Ask for something that needs no more words."""


@dataclass(frozen=True, slots=True)
class Number:
    """Ask with one number: a market data type, a log level."""

    value: int


@dataclass(frozen=True, slots=True)
class MarketDataRequest:
    """Open a line, or take a snapshot."""

    req_id: int
    contract: ContractQuery
    generic_ticks: str
    snapshot: bool
    regulatory: bool


@dataclass(frozen=True, slots=True)
class ContractDetailsRequest:
    """Ask what fits a description."""

    req_id: int
    contract: ContractQuery


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """Ask for bars."""

    req_id: int
    contract: ContractQuery
    end: str
    bar_size: str
    duration: str
    what: str
    date_format: int
    keep_up_to_date: bool


@dataclass(frozen=True, slots=True)
class AccountUpdatesRequest:
    """Subscribe to one account's values and portfolio, or end that."""

    subscribe: bool
    account: str


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Ask for one account under a request id; `con_id` narrows P&L to a contract."""

    req_id: int
    account: str
    model: str = ""
    con_id: int = 0


@dataclass(frozen=True, slots=True)
class AccountSummaryRequest:
    """Ask for tags of a group of accounts."""

    req_id: int
    group: str
    tags: str


@dataclass(frozen=True, slots=True)
class OptionParamsRequest:
    """Ask for the option chains of an underlying."""

    req_id: int
    symbol: str
    sec_type: str
    con_id: int


@dataclass(frozen=True, slots=True)
class SmartComponentsRequest:
    """Ask which exchanges are behind a code of best bid and offer."""

    req_id: int
    code: str


@dataclass(frozen=True, slots=True)
class SymbolsRequest:
    """Ask for symbols that begin like a pattern."""

    req_id: int
    pattern: str
