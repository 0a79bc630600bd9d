"""The accounts of the login, and what each holds now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from tws_simulator.book.position import Position
from tws_simulator.book.rates import Rates
from tws_simulator.instruments.contract import Contract

#: Cash each account begins with, in the base currency: enough that no account is ever liquidated.
CASH = Decimal(1_000_000)
#: Hears every change of a position; a closed one has quantity 0.
OnChange = Callable[[Position, float], None]


class Accounts:
    """Positions by account and contract; listeners are called at each change."""

    def __init__(
        self,
        names: Iterable[str],
        positions: Iterable[Position] = (),
        rates: Rates | None = None,
    ) -> None:
        self.rates = Rates() if rates is None else rates
        self._held: dict[str, dict[int, Position]] = {name: {} for name in names}
        self._listeners: list[OnChange] = []
        #: Cash by account, then currency.
        self._cash = {name: {self.rates.base: CASH} for name in self._held}
        self._realized: dict[str, dict[int, Decimal]] = {name: {} for name in self._held}
        self._currencies: dict[int, str] = {}
        #: Grows with every change.
        self.version = 0
        for position in positions:
            self._held[position.account][position.contract.con_id] = position

    @property
    def names(self) -> tuple[str, ...]:
        """Return the accounts."""
        return tuple(self._held)

    def add(self, name: str) -> None:
        """Add an account that holds nothing but cash."""
        self._held[name] = {}
        self._cash[name] = {self.rates.base: CASH}
        self._realized[name] = {}
        self.version += 1

    def cash(self, account: str) -> Decimal:
        """Return the cash of an account, all of it in the base currency."""
        held = self._cash[account].items()
        return sum((self.rates.in_base(cash, currency) for currency, cash in held), Decimal(0))

    def cash_by_currency(self, account: str) -> dict[str, Decimal]:
        """Return the cash of an account in each currency."""
        return dict(self._cash[account])

    def pay(self, account: str, amount: Decimal, currency: str = "") -> None:
        """Add to the cash of an account, in the base currency where none is named."""
        held = self._cash[account]
        currency = currency or self.rates.base
        held[currency] = held.get(currency, Decimal(0)) + amount
        self.version += 1

    def realized(self, account: str) -> Decimal:
        """Return what an account's trades have realized since the start, in the base currency."""
        gains = self._realized[account].items()
        return sum(
            (self.rates.in_base(gain, self._currencies[con_id]) for con_id, gain in gains),
            Decimal(0),
        )

    def realized_of(self, account: str, con_id: int) -> Decimal | None:
        """Return what was realized of one contract; None where nothing of it was closed."""
        return self._realized[account].get(con_id)

    def realize(self, account: str, contract: Contract, amount: Decimal) -> None:
        """Add what closing a part of a contract realized, in its currency."""
        of, con_id = self._realized[account], contract.con_id
        of[con_id] = of.get(con_id, Decimal(0)) + amount
        self._currencies[con_id] = contract.currency
        self.version += 1

    def listen(self, on_change: OnChange) -> None:
        """Register a listener for changes from now on."""
        self._listeners.append(on_change)

    def listen_first(self, on_change: OnChange) -> None:
        """Register a listener that is called before the present ones."""
        self._listeners.insert(0, on_change)

    def positions(self, account: str | None = None) -> Iterator[Position]:
        """Return the positions of one account, or of all."""
        for name, held in self._held.items():
            if account in (None, name):
                yield from held.values()

    def position(self, account: str, con_id: int) -> Position | None:
        """Return what an account holds of a contract."""
        return self._held[account].get(con_id)

    def set_position(
        self,
        account: str,
        contract: Contract,
        quantity: Decimal,
        now: float,
        avg_cost: float | None = None,
    ) -> Position:
        """Hold so much from now on; 0 closes. Without a cost the one before stays."""
        held = self._held[account]
        before = held.get(contract.con_id)
        if avg_cost is None:
            avg_cost = before.avg_cost if before and quantity else 0.0
        position = Position(account, contract, quantity, avg_cost)
        if quantity:
            held[contract.con_id] = position
        else:
            held.pop(contract.con_id, None)
        self.version += 1
        for listener in self._listeners:
            listener(position, now)
        return position
