"""The simulated world that all clients share. No I/O, no clock."""

from __future__ import annotations

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.models import Models
from tws_simulator.book.valuation import Valuer
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import Market
from tws_simulator.services.accounts.account_queries import AccountQueries
from tws_simulator.services.accounts.account_updates import AccountUpdates
from tws_simulator.services.accounts.position_answers import PositionAnswer
from tws_simulator.services.accounts.positions import Positions
from tws_simulator.services.accounts.positions_multi import PositionsMulti
from tws_simulator.services.accounts.profit import Profit
from tws_simulator.services.accounts.readiness import Readiness
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.contracts import Contracts
from tws_simulator.services.common.expiries import Expiries
from tws_simulator.services.common.faults import Faults
from tws_simulator.services.common.flapping import Flapping
from tws_simulator.services.common.notices import Notice, send_notice
from tws_simulator.services.common.plans import Plans
from tws_simulator.services.common.recovery import KEPT, LOST, NONE, SAID, WayBack
from tws_simulator.services.common.scheduler import Scheduler
from tws_simulator.services.common.stock_splits import Splits
from tws_simulator.services.common.unlinked_requests import UnlinkedRequests
from tws_simulator.services.common.welcome import Start, welcome
from tws_simulator.services.market_data.competing_sessions import Competition
from tws_simulator.services.market_data.farms_on_demand import Demand
from tws_simulator.services.market_data.history import History
from tws_simulator.services.market_data.line_costs import LineCosts
from tws_simulator.services.market_data.lines import Lines
from tws_simulator.services.market_data.market_data import MarketData
from tws_simulator.services.market_data.market_data_options import MarketDataOptions
from tws_simulator.services.orders.exchange import Exchange
from tws_simulator.services.orders.executions import Executions
from tws_simulator.services.orders.manual_trades import ManualTrades
from tws_simulator.services.orders.order_notifications import OrderNotifications
from tws_simulator.services.orders.order_register import OrderRegister
from tws_simulator.services.orders.orders import Orders
from tws_simulator.services.orders.trades import Trades
from tws_simulator.services.orders.what_if import WhatIf
from tws_simulator.wire.ids import ErrorCode

#: Names the planned return of the link.
LINK_BACK = "link back"
#: API clients a TWS serves at once (IB documentation).
MAX_CLIENTS = 32


class World:
    """The services, and the clients that are connected."""

    def __init__(
        self,
        universe: Universe,
        market: Market,
        accounts: Accounts,
        lines: Lines,
        seed: int,
        market_data_options: MarketDataOptions,
        costs: LineCosts,
        login_zone: str = "",
    ) -> None:
        self.universe = universe
        self.market = market
        self.accounts = accounts
        self.lines = lines
        self.scheduler = Scheduler()
        self.clients: dict[int, Client] = {}
        self.plans = Plans(self.scheduler)
        self.faults = Faults()
        self.readiness = Readiness(lambda: accounts.names, self.plans)
        #: What clients are sent when they start.
        self.start = Start()
        self.flapping = Flapping(self.plans, self.announce)
        self.expiries = Expiries(universe, market, accounts, self.scheduler)
        self.splits = Splits(universe, market, accounts)
        valuer = Valuer(accounts, market)
        self.market_data = MarketData(
            universe, market, lines, self.scheduler, seed, market_data_options
        )
        self.demand = Demand(self.market_data, self.plans, self.announce)
        self.unlinked_requests = UnlinkedRequests()
        self.positions = Positions(accounts, self.readiness)
        self.readiness.deliver = self.positions.deliver
        self.models = Models(accounts)
        self.positions_multi = PositionsMulti(accounts, self.models, self.readiness)
        self.account_updates = AccountUpdates(
            accounts, market, valuer, self.scheduler, self.readiness, costs
        )
        self.account_queries = AccountQueries(accounts, valuer, self.readiness)
        self.profit = Profit(accounts, market, valuer, self.scheduler, costs)
        self.contracts = Contracts(universe, market.calendar, login_zone)
        self.history = History(universe, market, self.scheduler)
        self._trade(valuer)

    def _trade(self, valuer: Valuer) -> None:
        """Set up all that trades."""
        trades, register = Trades(self.accounts), OrderRegister()
        notifications = OrderNotifications(self.clients)
        exchange = Exchange(
            self.universe,
            self.market,
            self.market_data.halts,
            self.market_data.outages,
            self.scheduler,
            register,
            trades,
            notifications,
        )
        what_if = WhatIf(self.accounts, self.market, valuer)
        self.order_register = register
        self.orders = Orders(
            self.universe, self.accounts, register, trades, notifications, exchange, what_if
        )
        self.executions = Executions(trades)
        self.manual_trades = ManualTrades(register, trades, notifications)
        self.splits.before = exchange.cancel_symbol

    def join(self, client: Client, now: float) -> None:
        """Take a client in; its id must be free."""
        self.clients[client.client_id] = client
        self.expiries.watch()
        self.plans.catch_up(now)
        self.plans.watch()

    def welcome(self, client: Client, now: float) -> None:
        """Send a client that has joined what makes it ready, and do what its notices mean."""
        self.readiness.started(client, now)
        start, accounts = self.start, self.readiness.managed(client, now)
        start.left -= 1
        if start.left <= 0:
            self.start = Start()
        order_id = self.order_register.next_id(client.client_id)
        welcome(client, start, accounts, order_id, now)
        for notice in self.demand.notices():
            send_notice(notice, (client,), now)
        if start.effect:
            for notice in start.notices:
                self.note(notice.code, notice.about, now)
            if start.back is not None:
                self.plan_back(start.back, now)
        if start.then is not None:
            start.then(now)

    def announce(self, notice: Notice, now: float, effect: bool, dead: int = 0) -> None:
        """Send a notice to all clients, and do what it means where it is true."""
        send_notice(notice, self.clients.values(), now)
        if effect:
            self.note(notice.code, notice.about, now, dead)

    def plan_back(self, back: WayBack, now: float) -> None:
        """Schedule the link's return, in place of any that was planned before."""
        self.plans.drop(LINK_BACK)
        if back.way != NONE:
            self.plans.at(now + back.after_s, LINK_BACK, lambda at: self._restore_link(back, at))

    def _restore_link(self, back: WayBack, now: float) -> None:
        for notice in SAID.get(back.way, ()):
            send_notice(notice, self.clients.values(), now)
        if back.dead:
            self.market_data.strand_all()
        if back.way in (LOST, KEPT):
            self.note(int(back.way), "", now)
            return
        self.market_data.restore(now)
        self.unlinked_requests.answer(now)

    def note(self, code: int, farm: str, now: float, dead: int = 0) -> None:
        """Apply a notice about IB's servers (see `services.market_data.outages`)."""
        if code == ErrorCode.RESTORED_DATA_LOST:
            self.unlinked_requests.lose()
        self.market_data.note(code, farm, now, dead)
        self.unlinked_requests.answer(now)

    def compete(
        self, competition: Competition | None, positions: PositionAnswer | None, now: float
    ) -> None:
        """Begin another session of the user, with positions answered so, or end it (None)."""
        self.readiness.displaced = positions
        self.market_data.compete(competition, now)

    def begin_anew(self) -> None:
        """Mend what a restart of TWS mends; what a new session would see again stays."""
        self.faults.clear()
        self.readiness.clear()
        self.flapping.forget()
        self.plans.drop(LINK_BACK)
        self.market_data.outages.clear()

    def leave(self, client: Client, now: float) -> None:
        """Free all a client held, its lines first."""
        if self.clients.get(client.client_id) is not client:
            return
        del self.clients[client.client_id]
        if not self.clients:
            self.expiries.ignore()
            self.plans.ignore()
        self.market_data.leave(client, now)
        self.unlinked_requests.leave(client)
        self.positions.unsubscribe(client)
        self.positions_multi.leave(client)
        self.account_updates.leave(client)
        self.account_queries.leave(client)
        self.profit.leave(client)
        self.history.leave(client)
