"""What positions and accounts are worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workers.simulator.book.accounts import Accounts
from workers.simulator.book.position import Position
from workers.simulator.market.market import Market

#: A valuation of a whole account serves this long, seconds.
KEEP_S = 10.0
#: Margins are these shares of the portfolio's gross value; IB's own rules are not simulated.
INITIAL_SHARE, MAINTENANCE_SHARE = 1 / 5, 1 / 6


class Valuation(NamedTuple):
    """Hold what one position is worth, in its currency."""

    price: float
    value: float
    unrealized: float


def worth(market: Market, position: Position, now: float) -> Valuation:
    """Value a position at the market."""
    contract = position.contract
    price = market.mark(contract, now)
    quantity = float(position.quantity)
    value = price * contract.multiplier * quantity
    return Valuation(price, round(value, 2), round(value - position.avg_cost * quantity, 2))


class Valuer:
    """Value whole accounts, at most once in a while: a large book takes some time."""

    def __init__(self, accounts: Accounts, market: Market) -> None:
        self._accounts = accounts
        self._market = market
        self._known: dict[str, tuple[int, float, list[tuple[Position, Valuation]]]] = {}

    def portfolio(self, account: str, now: float) -> list[tuple[Position, Valuation]]:
        """Value what an account holds."""
        version = self._accounts.version
        known = self._known.get(account)
        if known is None or known[0] != version or now - known[1] > KEEP_S:
            valued = [(p, worth(self._market, p, now)) for p in self._accounts.positions(account)]
            known = self._known[account] = (version, now, valued)
        return known[2]

    def values(self, account: str, now: float) -> tuple[tuple[str, str, str], ...]:
        """Give key, value and currency of what TWS tells of an account."""
        cash = float(self._accounts.cash(account))
        realized = float(self._accounts.realized(account))
        valuations = (valuation for _, valuation in self.portfolio(account, now))
        return account_values(valuations, cash, realized)


def account_values(
    valuations: Iterable[Valuation], cash: float, realized: float
) -> tuple[tuple[str, str, str], ...]:
    """Give key, value and currency of what TWS tells of an account."""
    gross = net = unrealized = 0.0
    for valuation in valuations:
        net += valuation.value
        gross += abs(valuation.value)
        unrealized += valuation.unrealized
    money = {
        "NetLiquidation": cash + net,
        "TotalCashValue": cash,
        "SettledCash": cash,
        "BuyingPower": 4 * cash,
        "EquityWithLoanValue": cash + net,
        "AvailableFunds": cash,
        "ExcessLiquidity": cash,
        "GrossPositionValue": gross,
        "InitMarginReq": gross * INITIAL_SHARE,
        "MaintMarginReq": gross * MAINTENANCE_SHARE,
        "UnrealizedPnL": unrealized,
        "RealizedPnL": realized,
    }
    return (
        ("AccountReady", "true", ""),
        ("AccountType", "INDIVIDUAL", ""),
        *((key, f"{value:.2f}", "USD") for key, value in money.items()),
    )
