"""ib_async's values to ours and back, in one place."""

from __future__ import annotations

import math
import sys
from datetime import datetime
from decimal import Decimal

from ib_async.contract import Contract as IbContract

from slotwise.account import names_account
from slotwise.contract import Contract
from slotwise.indices import INDICES
from slotwise.last_trade import expiry_day
from slotwise.leg import Leg
from slotwise.position import Position

#: TWS's "no value" of a double.
UNSET = sys.float_info.max
#: Digits before the point from which a number is "no value".
UNSET_DIGITS = 300
#: Largest id that a column of contract ids holds; IB's own have 31 bits.
LARGEST_CON_ID = 2**63 - 1


def decimal(value: float) -> Decimal:
    """Make the decimal a person would read: 0.1 is 0.1."""
    return Decimal(str(value))


def decimal_of(text: str) -> Decimal | None:
    """Read a number as it was sent; None for TWS's ways to send none.

    Raises ArithmeticError when it is not a number at all.
    """
    if not text:
        return None
    value = Decimal(text)
    return value if value.is_finite() and value.adjusted() < UNSET_DIGITS else None


def decimal_if_any(text: str) -> Decimal | None:
    """Read a number as it was sent; None where TWS sends none, or nothing that is a number."""
    try:
        return decimal_of(text.strip())
    except ArithmeticError:
        return None


def number(value: float) -> float | None:
    """Drop TWS's ways to send no number."""
    return None if value == UNSET or not math.isfinite(value) else value


def con_id_of(text: str) -> int:
    """Read the id of a contract that is held; raises ValueError where it names none.

    IB numbers contracts from 1. A combination has no id of its own, and is never held: its legs
    are.
    """
    value = int(text)
    if not 0 < value <= LARGEST_CON_ID:
        raise ValueError(f"{text!r} is no contract id")
    return value


def _strike(value: float) -> Decimal | None:
    return decimal(value) if value and number(value) is not None else None


def multiplier_if_any(text: str) -> Decimal | None:
    """Read a multiplier: 1 for none or 0, as of stocks; None for what is no such number."""
    if not text.strip():
        return Decimal(1)
    value = decimal_if_any(text)
    if value is None or value < 0:
        return None
    return value or Decimal(1)


def contract_from(theirs: IbContract) -> Contract:
    """Translate a contract.

    `right` arrives as C, CALL, P, PUT, ?, 0 or empty; an expiry may carry a time after it.
    """
    right, multiplier = theirs.right[:1], multiplier_if_any(theirs.multiplier)
    return Contract(
        con_id=theirs.conId,
        symbol=theirs.symbol,
        sec_type=theirs.secType,
        local_symbol=theirs.localSymbol.strip(),
        expiry=expiry_day(
            theirs.lastTradeDateOrContractMonth, local_symbol=theirs.localSymbol.strip()
        ),
        strike=_strike(theirs.strike),
        right=right if right in ("C", "P") else "",
        multiplier=multiplier or Decimal(1),
        multiplier_known=multiplier is not None,
        currency=theirs.currency,
        exchange=theirs.exchange,
        primary_exchange=theirs.primaryExchange,
        trading_class=theirs.tradingClass,
    )


class ContractReader:
    """Translate contracts, each once: a portfolio repeats itself at every poll."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[tuple[object, ...], Contract]] = {}
        self._rows: dict[str, tuple[list[str], Contract]] = {}

    def of_row(self, row: list[str]) -> Contract:
        """Read the contract of a position row: id, symbol and so on as they were sent.

        Raises ValueError or ArithmeticError when it cannot be read.
        """
        known = self._rows.get(row[0])
        if known is not None and known[0] == row:
            return known[1]
        (
            con_id, symbol, sec_type, expiry, strike, right, multiplier, exchange, currency,
            local_symbol, trading_class,
        ) = row  # fmt: skip
        contract = self.read(
            IbContract(
                conId=con_id_of(con_id), symbol=symbol, secType=sec_type,
                lastTradeDateOrContractMonth=expiry, strike=float(strike or 0), right=right,
                multiplier=multiplier, exchange=exchange, currency=currency,
                localSymbol=local_symbol, tradingClass=trading_class,
            )
        )  # fmt: skip
        self._rows[row[0]] = (row, contract)
        return contract

    def read(self, theirs: IbContract) -> Contract:
        """Translate a contract; the same text gives the same value."""
        text = (
            theirs.exchange,
            theirs.localSymbol,
            theirs.multiplier,
            theirs.strike,
            theirs.lastTradeDateOrContractMonth,
            theirs.symbol,
            theirs.secType,
            theirs.currency,
            theirs.right,
            theirs.tradingClass,
            theirs.primaryExchange,
        )
        known = self._known.get(theirs.conId)
        if known is not None and known[0] == text:
            return known[1]
        contract = contract_from(theirs)
        self._known[contract.con_id] = (text, contract)
        return contract


def position_of_row(
    account: str,
    contract: Contract,
    quantity: str,
    avg_cost: str,
    observed_at: datetime,
    sequence: int | None = None,
) -> Position:
    """Translate a position as it was sent; `sequence` is its place among all observations.

    Raises ValueError or ArithmeticError when it names no account, or has no quantity that can be
    read.
    """
    if not names_account(account):
        raise ValueError(f"account {account!r}")
    held = decimal_of(quantity)
    if held is None:
        raise ValueError(f"quantity {quantity!r}")
    return Position(
        account=account,
        contract=contract,
        quantity=held,
        avg_cost=decimal_if_any(avg_cost),
        observed_at=observed_at,
        sequence=sequence,
    )


#: Types whose details have no symbol (recorded), whatever a position row calls them.
WITHOUT_SYMBOL = frozenset(("BOND", "BILL"))


def request_contract(contract: Contract) -> IbContract:
    """Return a contract as requests need it.

    The id and the exchange decide; TWS compares whatever else is sent, and our multiplier of a
    stock is not what it would expect.
    """
    return IbContract(
        conId=contract.con_id,
        symbol="" if contract.sec_type in WITHOUT_SYMBOL else contract.symbol,
        secType=contract.sec_type,
        exchange=contract.exchange,
        primaryExchange=contract.primary_exchange if contract.sec_type == "STK" else "",
        currency=contract.currency,
    )


def contract_by_id(con_id: int) -> IbContract:
    """Return a contract of which only the id is known."""
    return IbContract(conId=con_id)


#: Where a leg is looked up that names no exchange. Of types that are not here TWS is asked without
#: one: SMART routes no future and no index, and coins and warrants have several.
EXCHANGES = {
    "STK": "SMART",
    "OPT": "SMART",
    "CFD": "SMART",
    "CMDTY": "SMART",
    "CASH": "IDEALPRO",
    "FUND": "FUNDSERV",
}
#: Types in US dollars unless a leg names a currency; others are in that of their exchange.
IN_DOLLARS = frozenset(("STK", "OPT", "CFD", "CASH", "CRYPTO", "FUND", "CMDTY"))


def contract_by_leg(leg: Leg) -> IbContract:
    """Return the contract that a leg describes, as far as it does; TWS completes it."""
    if leg.con_id:
        return contract_by_id(leg.con_id)
    known_index = leg.symbol in INDICES and not (leg.exchange or leg.currency)
    if known_index and leg.sec_type in ("", "IND"):
        return contract_by_symbol(leg.symbol)
    kind = leg.sec_type or "STK"
    # An exchange has its currency, and a symbol that is a number is of no US exchange.
    dollars = kind in IN_DOLLARS and not leg.exchange and not leg.symbol.isdecimal()
    return IbContract(
        symbol=leg.symbol,
        secType=kind,
        lastTradeDateOrContractMonth=leg.expiry,
        right=leg.right,
        strike=float(leg.strike or 0),
        exchange=leg.exchange or EXCHANGES.get(kind, ""),
        currency=leg.currency or ("USD" if dollars else ""),
        tradingClass=leg.trading_class,
    )


def contract_by_symbol(symbol: str) -> IbContract:
    """Return the index or the stock of this symbol."""
    if symbol in INDICES:
        return IbContract(symbol=symbol, secType="IND", exchange=INDICES[symbol], currency="USD")
    return IbContract(symbol=symbol, secType="STK", exchange="SMART", currency="USD")
