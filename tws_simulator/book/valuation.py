"""Values of positions and accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.position import UNSET, Position
from tws_simulator.market.market import Market

#: Values that TWS gives of each currency, in the order of `_of_currency`.
RATE_KEY = "ExchangeRate"
LEDGER_KEYS = (
    "Currency", "CashBalance", "TotalCashBalance", "NetLiquidationByCurrency", RATE_KEY,
)  # fmt: skip
#: Values of the whole account, in its base currency.
TOTALS = (
    "NetLiquidation", "TotalCashValue", "SettledCash", "BuyingPower", "EquityWithLoanValue",
    "AvailableFunds", "ExcessLiquidity", "GrossPositionValue", "InitMarginReq", "MaintMarginReq",
    "UnrealizedPnL", "RealizedPnL",
)  # fmt: skip
#: Kinds whose values, without their signs, are the gross position value (IB documentation).
IN_GROSS = frozenset(("STK", "OPT"))
#: A valuation of a whole account serves this long, seconds.
KEEP_S = 10.0
#: Margins are these shares of the value of all kinds; IB's own rules are not simulated.
INITIAL_SHARE, MAINTENANCE_SHARE = 1 / 5, 1 / 6


class Valuation(NamedTuple):
    """The value of one position, in its currency.

    `price` is money for one unit, so that of a share in pence is in pounds. `unrealized` is UNSET
    where the average cost is not known.
    """

    price: float
    value: float
    unrealized: float


def worth(market: Market, position: Position, now: float) -> Valuation:
    """Value a position at the market."""
    contract = position.contract
    # The multiplier is left out of the price and is in the value.
    per_unit = float(contract.money_per_point / contract.multiplier)
    price = market.mark(contract, now) * per_unit
    quantity = float(position.quantity)
    value = price * float(contract.multiplier) * quantity
    unrealized = UNSET
    if position.known_cost is not None:
        unrealized = round(value - position.avg_cost * quantity, 2)
    return Valuation(price, round(value, 2), unrealized)


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
        """Return key, value and currency of each of TWS's values of an account.

        Totals are in the base currency; then come the currencies that are held, each with its
        exchange rate, and last all of them together as `BASE`.
        """
        accounts, rates = self._accounts, self._accounts.rates
        by_currency: dict[str, _Sums] = defaultdict(_Sums)
        for currency, cash in accounts.cash_by_currency(account).items():
            by_currency[currency].cash += float(cash)
        for position, valuation in self.portfolio(account, now):
            by_currency[position.contract.currency].add(
                valuation, in_gross=position.contract.sec_type in IN_GROSS
            )
        total = _Sums()
        for currency, sums in by_currency.items():
            total.take(sums, float(rates.rate(currency)))
        return (
            ("AccountReady", "true", ""),
            ("AccountType", "INDIVIDUAL", ""),
            *_totals(total, float(accounts.realized(account)), rates.base),
            *(
                row
                for currency, sums in by_currency.items()
                for row in _of_currency(sums, currency, f"{rates.rate(currency):f}")
                if not (row[0] == RATE_KEY and currency in rates.unnamed)
            ),
            *_of_currency(total, "BASE", "1.00"),
        )


@dataclass(slots=True)
class _Sums:
    """Hold sums of one currency."""

    cash: float = 0.0
    net: float = 0.0
    #: Without signs: of stocks and options, and of all.
    gross: float = 0.0
    covered: float = 0.0
    unrealized: float = 0.0

    def add(self, valuation: Valuation, *, in_gross: bool) -> None:
        """Add one position."""
        self.net += valuation.value
        self.gross += abs(valuation.value) if in_gross else 0.0
        self.covered += abs(valuation.value)
        self.unrealized += 0.0 if valuation.unrealized == UNSET else valuation.unrealized

    def take(self, other: _Sums, rate: float) -> None:
        """Add the sums of another currency."""
        self.cash += other.cash * rate
        self.net += other.net * rate
        self.gross += other.gross * rate
        self.covered += other.covered * rate
        self.unrealized += other.unrealized * rate


def _totals(sums: _Sums, realized: float, base: str) -> Iterator[tuple[str, str, str]]:
    cash, net = sums.cash, sums.cash + sums.net
    money = (
        net, cash, cash, 4 * cash, net, cash, cash, sums.gross, sums.covered * INITIAL_SHARE,
        sums.covered * MAINTENANCE_SHARE, sums.unrealized, realized,
    )  # fmt: skip
    return ((key, f"{value:.2f}", base) for key, value in zip(TOTALS, money, strict=True))


def _of_currency(sums: _Sums, currency: str, rate: str) -> Iterator[tuple[str, str, str]]:
    cash, net = f"{sums.cash:.4f}", f"{sums.cash + sums.net:.4f}"
    values = (currency, cash, cash, net, rate)
    return ((key, value, currency) for key, value in zip(LEDGER_KEYS, values, strict=True))
