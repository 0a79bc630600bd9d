"""Replies about accounts and what they hold."""

from __future__ import annotations

from tws_simulator.book.position import Position
from tws_simulator.book.valuation import Valuation
from tws_simulator.instruments.contract import Contract
from tws_simulator.wire.fields import double_text, quantity_text
from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import Reply


def _contract_fields(contract: Contract, exchange: str) -> tuple[object, ...]:
    return (
        contract.con_id,
        contract.symbol,
        contract.sec_type,
        contract.expiry,
        double_text(contract.strike),
        contract.right,
        contract.multiplier_text,
        exchange,
        contract.currency,
        contract.local_symbol,
        contract.trading_class,
    )


def position(held: Position) -> bytes:
    """Encode one row of the positions."""
    contract = held.contract
    return frame(
        Reply.POSITION, 3, held.account, *_contract_fields(contract, contract.position_exchange),
        quantity_text(held.quantity), double_text(held.avg_cost),
    )  # fmt: skip


def position_end() -> bytes:
    """Encode the end of the positions."""
    return frame(Reply.POSITION_END, 1)


def position_multi(req_id: int, held: Position, model: str) -> bytes:
    """Encode one row of the positions of an account or model."""
    contract = held.contract
    return frame(
        Reply.POSITION_MULTI, 1, req_id, held.account,
        *_contract_fields(contract, contract.position_exchange),
        quantity_text(held.quantity), double_text(held.avg_cost), model,
    )  # fmt: skip


def position_multi_end(req_id: int) -> bytes:
    """Encode the end of the positions of an account or model."""
    return frame(Reply.POSITION_MULTI_END, 1, req_id)


def portfolio_value(held: Position, worth: Valuation) -> bytes:
    """Encode one row of the portfolio."""
    contract = held.contract
    return frame(
        Reply.PORTFOLIO_VALUE, 8,
        *_contract_fields(contract, contract.primary_exchange or contract.exchange),
        quantity_text(held.quantity), double_text(worth.price), double_text(worth.value),
        double_text(held.avg_cost), double_text(worth.unrealized), 0.0, held.account,
    )  # fmt: skip


def account_value(key: str, value: str, currency: str, account: str) -> bytes:
    """Encode one value of an account."""
    return frame(Reply.ACCOUNT_VALUE, 2, key, value, currency, account)


def account_time(clock: str) -> bytes:
    """Encode when the account's values were made, HH:MM."""
    return frame(Reply.ACCOUNT_TIME, 1, clock)


def account_download_end(account: str) -> bytes:
    """Encode the end of the first account update."""
    return frame(Reply.ACCOUNT_DOWNLOAD_END, 1, account)


def account_update_multi(
    req_id: int, account: str, model: str, key: str, value: str, currency: str
) -> bytes:
    """Encode one value of an account or model."""
    return frame(Reply.ACCOUNT_UPDATE_MULTI, 1, req_id, account, model, key, value, currency)


def account_update_multi_end(req_id: int) -> bytes:
    """Encode the end of the values of an account or model."""
    return frame(Reply.ACCOUNT_UPDATE_MULTI_END, 1, req_id)


def account_summary(req_id: int, account: str, tag: str, value: str, currency: str) -> bytes:
    """Encode one tag of the account summary."""
    return frame(Reply.ACCOUNT_SUMMARY, 1, req_id, account, tag, value, currency)


def account_summary_end(req_id: int) -> bytes:
    """Encode the end of the account summary."""
    return frame(Reply.ACCOUNT_SUMMARY_END, 1, req_id)


def pnl(req_id: int, daily: float, unrealized: float, realized: float) -> bytes:
    """Encode an account's profit and loss."""
    return frame(Reply.PNL, req_id, *map(double_text, (daily, unrealized, realized)))


def pnl_single(
    req_id: int, quantity: str, daily: float, unrealized: float, realized: float, value: float
) -> bytes:
    """Encode a position's profit and loss."""
    money = map(double_text, (daily, unrealized, realized, value))
    return frame(Reply.PNL_SINGLE, req_id, quantity, *money)
