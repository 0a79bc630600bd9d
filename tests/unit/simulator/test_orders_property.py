"""Whatever is ordered, changed, cancelled and traded by hand: nothing is lost, nothing invented."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ibapi.execution import ExecutionFilter

from tests.support.effort import examples
from tests.support.official_client import an_order as order
from tests.support.official_client import official
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tests.unit.simulator.trader import Trader, bag
from tws_simulator.book.accounts import CASH
from tws_simulator.book.order import OrderStatus
from tws_simulator.book.order_states import NEXT

#: How far from the market a limit or stop is, dollars.
AWAY = st.sampled_from((-3.0, -0.5, -0.02, 0.0, 0.02, 0.5, 3.0))
SIDES = st.sampled_from(("BUY", "SELL"))
KINDS = st.sampled_from(("MKT", "LMT", "STP", "STP LMT"))
SIZES = st.integers(1, 40) | st.integers(500, 6_000)


class OrdersMachine(RuleBasedStateMachine):
    """Two clients trade two stocks and a combination of two options; one watches positions."""

    @initialize(seed=st.integers(0, 50))
    def start(self, seed: int) -> None:
        """Connect, and subscribe to positions."""
        self.tws = InMemoryTws(positions=20, seed=seed)
        self.traders = [Trader(self.tws, number) for number in (0, 1)]
        self.account = self.tws.world.accounts.names[0]
        self.before = {
            p.contract.con_id: (p.quantity, Decimal(str(p.avg_cost)))
            for p in self.tws.world.accounts.positions()
        }
        options = [p.contract for p in self.tws.world.accounts.positions() if p.contract.right]
        first = options[0]
        self.legs = first, next(c for c in options[1:] if c.symbol == first.symbol)
        self.stocks = self.tws.spot("SPY"), self.tws.spot("QQQ")
        self.traders[0].client.requests.reqPositions()
        self.traders[0].client.listen()
        self.rows = len(self.traders[0].heard.of("position"))
        self.next_ids = [1, 1]

    @rule(
        who=st.integers(0, 1), which=st.integers(0, 1), side=SIDES, kind=KINDS, size=SIZES,
        away=AWAY, tif=st.sampled_from(("DAY", "GTC", "IOC", "FOK")),
        group=st.sampled_from(("", "g")),
        parent=st.integers(0, 3), transmit=st.booleans(),
    )  # fmt: skip
    def place(self, who: int, which: int, side: str, kind: str, size: int, away: float, tif: str,
              group: str, parent: int, transmit: bool) -> None:  # fmt: skip
        """Place an order near the market; one in four hangs on the order before."""
        contract = self.stocks[which]
        price = round(self.tws.world.market.mark(contract, self.tws.now) + away, 2)
        number = self.next_ids[who]
        hangs = number - 1 if parent == 0 else 0
        how = order(side, size, kind, lmtPrice=price, auxPrice=price, tif=tif, ocaGroup=group,
                    parentId=hangs, transmit=transmit)  # fmt: skip
        self.traders[who].place(number, official(contract.con_id, exchange="SMART"), how)
        self.next_ids[who] += 1

    @rule(who=st.integers(0, 1), size=st.integers(1, 30), side=SIDES)
    def place_combination(self, who: int, size: int, side: str) -> None:
        """Buy or sell one leg against two of the other."""
        trader, number = self.traders[who], self.next_ids[who]
        first, second = self.legs
        legs = ((first, 1, "BUY"), (second, 2, "SELL"))
        trader.place(number, bag(first.symbol, legs), order(side, size))
        self.next_ids[who] += 1

    @rule(who=st.integers(0, 1), back=st.integers(0, 4), size=SIZES, away=AWAY)
    def change(self, who: int, back: int, size: int, away: float) -> None:
        """Place an id again that may be alive, done or never used."""
        number = max(1, self.next_ids[who] - 1 - back)
        contract = self.stocks[0]
        price = round(self.tws.world.market.mark(contract, self.tws.now) + away, 2)
        how = order("BUY", size, "LMT", lmtPrice=price)
        self.traders[who].place(number, official(contract.con_id, exchange="SMART"), how)
        self.next_ids[who] = max(self.next_ids[who], number + 1)

    @rule(who=st.integers(0, 1), back=st.integers(0, 4))
    def cancel(self, who: int, back: int) -> None:
        """Cancel what may be alive, done or never used."""
        self.traders[who].cancel(max(1, self.next_ids[who] - back))

    @rule(which=st.integers(0, 1), size=st.integers(-60, 60).filter(bool))
    def trade_by_hand(self, which: int, size: int) -> None:
        """Trade in TWS itself."""
        answer = give(self.tws, do="fill", con_id=self.stocks[which].con_id, quantity=size)
        assert answer["ok"] is True

    @rule(seconds=st.sampled_from((0.01, 0.3, 5.0, 60.0)))
    def wait(self, seconds: float) -> None:
        """Let the market move."""
        self.tws.wait(seconds)

    @invariant()
    def the_book_is_what_was_executed(self) -> None:
        """Positions, cash and profit follow from the executions that a client gets."""
        watcher = self.traders[0]
        watcher.client.listen()
        executions, costs = self._listed()
        change, cash = Counter[int](), CASH
        for contract, execution in executions:
            if contract.secType == "BAG":
                continue
            signed = execution.shares if execution.side == "BOT" else -execution.shares
            change[contract.conId] += signed
            price = Decimal(str(execution.price))
            mult = int(contract.multiplier or 1)
            cash -= signed * price * mult + Decimal(str(costs[execution.execId][0]))
        accounts = self.tws.world.accounts
        worth_before = worth_after = Decimal(0)
        for con_id in set(change) | set(self.before):
            quantity, cost = self.before.get(con_id, (Decimal(0), Decimal(0)))
            held = accounts.position(self.account, con_id)
            now, now_cost = (held.quantity, held.avg_cost) if held else (Decimal(0), 0.0)
            assert now == quantity + change[con_id]
            worth_before += quantity * cost
            worth_after += now * Decimal(str(now_cost))
        assert abs(accounts.cash(self.account) - cash) < Decimal("0.01")
        realized = accounts.realized(self.account)
        assert abs((cash - CASH) + (worth_after - worth_before) - realized) < Decimal("0.01")
        reported = sum(Decimal(str(gain)) for _, gain in costs.values() if gain < 1e300)
        assert abs(reported - realized) < Decimal("0.01")

    @invariant()
    def each_fill_pushes_one_position(self) -> None:
        """One row for each execution that is no sum."""
        executions, _ = self._listed()
        moves = sum(contract.secType != "BAG" for contract, _ in executions)
        self.traders[0].client.listen()
        assert len(self.traders[0].heard.of("position")) - self.rows == moves

    @invariant()
    def orders_live_by_the_table(self) -> None:
        """States follow one another as the table says; nothing is filled beyond its quantity."""
        for trader in self.traders:
            trader.client.listen()
            reported: dict[int, OrderStatus] = {}
            for order_id, status, filled, remaining, *_ in trader.heard.of("orderStatus"):
                before = reported.setdefault(order_id, status)
                assert order_id == 0 or status == before or status in NEXT[before]
                reported[order_id] = status
                assert filled >= 0 <= remaining
                assert status != "Filled" or remaining == 0

    def _listed(self) -> tuple[list[Any], dict[str, tuple[float, float]]]:
        """Return all executions of the day as a third client gets them, and their commissions."""
        reader = Trader(self.tws, 9)
        reader.client.requests.reqExecutions(1, ExecutionFilter())
        heard = reader.client.listen()
        reader.client.peer.leave()
        costs = {
            args[0].execId: (args[0].commissionAndFees, args[0].realizedPNL)
            for args in heard.of("commissionAndFeesReport")
        }
        return [args[1:] for args in heard.of("execDetails")], costs

    def teardown(self) -> None:
        """With all orders cancelled and all clients gone, nothing is planned any more."""
        if not hasattr(self, "traders"):
            return
        for trader in self.traders:
            trader.client.peer.leave()
        self.tws.world.orders.cancel_all(self.tws.now)
        self.tws.wait(1)
        assert not self.tws.world.order_register.live()
        assert self.tws.world.scheduler.next_due is None


OrdersMachine.TestCase.settings = settings(
    max_examples=examples(30), stateful_step_count=25, deadline=None
)
TestOrders = OrdersMachine.TestCase
