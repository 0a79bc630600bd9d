"""The simulated world that all clients share. No I/O, no clock."""

from __future__ import annotations

from workers.simulator.book.accounts import Accounts
from workers.simulator.book.models import Models
from workers.simulator.book.valuation import Valuer
from workers.simulator.desks.account_queries import AccountQueries
from workers.simulator.desks.account_updates import AccountUpdates
from workers.simulator.desks.agenda import Agenda
from workers.simulator.desks.client import Client
from workers.simulator.desks.contracts import Contracts
from workers.simulator.desks.exchange import Exchange
from workers.simulator.desks.executions import Executions
from workers.simulator.desks.expiries import Expiries
from workers.simulator.desks.faults import Faults
from workers.simulator.desks.habits import Habits
from workers.simulator.desks.history import History
from workers.simulator.desks.lines import Lines
from workers.simulator.desks.manual_trades import ManualTrades
from workers.simulator.desks.market_data import MarketData
from workers.simulator.desks.order_register import OrderRegister
from workers.simulator.desks.order_teller import OrderTeller
from workers.simulator.desks.orders import Orders
from workers.simulator.desks.positions import Positions
from workers.simulator.desks.positions_multi import PositionsMulti
from workers.simulator.desks.profit import Profit
from workers.simulator.desks.split_desk import Splits
from workers.simulator.desks.trades import Trades
from workers.simulator.desks.waiting_room import WaitingRoom
from workers.simulator.desks.what_if import WhatIf
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.market import Market
from workers.simulator.wire.ids import ErrorCode

#: API clients a TWS serves at once (IB documentation).
MAX_CLIENTS = 32


class World:
    """Hold the desks, and who is connected."""

    def __init__(
        self,
        universe: Universe,
        market: Market,
        accounts: Accounts,
        lines: Lines,
        seed: int,
        habits: Habits,
    ) -> None:
        self.universe = universe
        self.market = market
        self.accounts = accounts
        self.lines = lines
        self.agenda = Agenda()
        self.clients: dict[int, Client] = {}
        self.faults = Faults()
        self.expiries = Expiries(universe, market, accounts, self.agenda)
        self.splits = Splits(universe, market, accounts)
        valuer = Valuer(accounts, market)
        self.market_data = MarketData(universe, market, lines, self.agenda, seed, habits)
        self.waiting_room = WaitingRoom()
        self.positions = Positions(accounts)
        self.models = Models(accounts)
        self.positions_multi = PositionsMulti(accounts, self.models)
        self.account_updates = AccountUpdates(accounts, market, valuer, self.agenda)
        self.account_queries = AccountQueries(accounts, valuer)
        self.profit = Profit(accounts, market, valuer, self.agenda)
        self.contracts = Contracts(universe, market.calendar)
        self.history = History(universe, market, self.agenda)
        self._trade(valuer)

    def _trade(self, valuer: Valuer) -> None:
        """Set up all that trades."""
        trades, register = Trades(self.accounts), OrderRegister()
        teller = OrderTeller(self.clients)
        exchange = Exchange(
            self.universe,
            self.market,
            self.market_data.halts,
            self.market_data.outages,
            self.agenda,
            register,
            trades,
            teller,
        )
        what_if = WhatIf(self.accounts, self.market, valuer)
        self.order_register = register
        self.orders = Orders(
            self.universe, self.accounts, register, trades, teller, exchange, what_if
        )
        self.executions = Executions(trades)
        self.manual_trades = ManualTrades(register, trades, teller)
        self.splits.before = exchange.cancel_symbol

    def join(self, client: Client) -> None:
        """Take a client in; its id must be free."""
        self.clients[client.client_id] = client
        self.expiries.watch()

    def note(self, code: int, farm: str, now: float, dead: int = 0) -> None:
        """Do what a notice about IB's servers means (see `desks.outages`)."""
        if code == ErrorCode.RESTORED_DATA_LOST:
            self.waiting_room.lose()
        self.market_data.note(code, farm, now, dead)
        if self.market_data.outages.linked:
            self.waiting_room.answer(now)

    def leave(self, client: Client, now: float) -> None:
        """Free all a client held, its lines first."""
        if self.clients.get(client.client_id) is not client:
            return
        del self.clients[client.client_id]
        if not self.clients:
            self.expiries.ignore()
        self.market_data.leave(client, now)
        self.waiting_room.leave(client)
        self.positions.unsubscribe(client)
        self.positions_multi.leave(client)
        self.account_updates.leave(client)
        self.account_queries.leave(client)
        self.profit.leave(client)
        self.history.leave(client)
