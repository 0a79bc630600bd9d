"""What an order would do to its account."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.commission import commission
from tws_simulator.book.order import ComboLeg, Margin, OrderState
from tws_simulator.book.valuation import INITIAL_SHARE, MAINTENANCE_SHARE, Valuer
from tws_simulator.market.market import Market
from tws_simulator.services.orders.matching import opposite


class WhatIf:
    """Reckon margins with the same shares of the portfolio's value that account values have."""

    def __init__(self, accounts: Accounts, market: Market, valuer: Valuer) -> None:
        self._accounts = accounts
        self._market = market
        self._valuer = valuer

    def answer(self, state: OrderState, now: float) -> OrderState:
        """Return the state of an order that is only asked about."""
        order = state.order
        gross = net = 0.0
        for _, valuation in self._valuer.portfolio(order.account, now):
            gross += abs(valuation.value)
            net += valuation.value
        after = gross
        cost = Decimal(0)
        for leg in order.legs or (ComboLeg(order.contract, 1, "BUY", order.exchange),):
            does = leg.action if order.action == "BUY" else opposite(leg.action)
            size = order.quantity * leg.ratio
            cost += commission(leg.contract.sec_type, size)
            held = self._accounts.position(order.account, leg.contract.con_id)
            before = held.quantity if held else Decimal(0)
            change = size if does == "BUY" else -size
            grown = abs(before + change) - abs(before)
            after += (
                float(grown)
                * self._market.mark(leg.contract, now)
                * float(leg.contract.money_per_point)
            )
        equity = float(self._accounts.cash(order.account)) + net
        margin = Margin(
            initial_before=gross * INITIAL_SHARE,
            initial_after=after * INITIAL_SHARE,
            maintenance_before=gross * MAINTENANCE_SHARE,
            maintenance_after=after * MAINTENANCE_SHARE,
            equity_before=equity,
            equity_after=equity - float(cost),
        )
        return replace(state, commission=float(cost), margin=margin)
