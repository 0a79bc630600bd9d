"""What `slotwise top` is shown in tests: a day with holdings in two currencies, and its outage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from slotwise.client.holdings import Holdings
from slotwise.contract import Contract
from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.opening import Openings
from slotwise.portfolio.price import Price, price_of
from slotwise.position import Position
from slotwise.shown_accounts import ShownAccounts
from tests.support.values import NOON, at, contract, option, position, quote
from tests.unit.cli.scenes import condors, normal_day, quotes
from workers.screen.facts import Screen
from workers.top.app import Source
from workers.top.holdings_reader import Held, HoldingsReader

RATES = Rates(
    ExchangeRate(
        account="DU1", currency=name, base_currency="USD", rate=Decimal(rate), observed_at=at(-40)
    )
    for name, rate in (("USD", "1"), ("GBP", "1.25"))
)
GREEKS = {"delta": -0.25, "gamma": 0.01, "vega": 0.5, "theta": -0.125}


def holdings() -> Holdings:
    """Return the legs of condors, their underlying, a share in pence, and one without a price."""
    legs = condors(20)
    known = quotes(legs)
    held: list[tuple[Position, Price]] = [
        (position(con_id, (-1) ** number * 2, avg_cost=Decimal(250), contract=_leg(con_id, label)),
         price_of(msgspec.structs.replace(known[con_id], close=Decimal(3), **GREEKS)))
        for number, (con_id, (label, _)) in enumerate(legs.items())
    ]  # fmt: skip
    pence = contract(4, symbol="GAW", currency="GBP", price_magnifier=100)
    held += [
        (position(1, 100, contract=contract(1, symbol="SPY"), avg_cost=Decimal(690)),
         price_of(quote(1, bid="699.5", ask="700.5", close=695, observed_at=at(-3)))),
        (position(4, 10, contract=pence, avg_cost=Decimal(41)),
         price_of(quote(4, bid=4290, ask=4300, close=4200, observed_at=at(-600)))),
        (position(3, 1_000, contract=contract(3, symbol="NONE")), price_of(None)),
    ]  # fmt: skip
    rows = portfolio_rows(
        [one for one, _ in held],
        {one.contract.con_id: price for one, price in held},
        at=NOON,
        strategies={con_id: (strategy,) for con_id, (_, strategy) in legs.items()},
        openings=Openings(known=True, begun=False),
    )
    return Holdings(at=NOON, rows=tuple(rows), rates=RATES, positions_at=at(-6))


def held() -> Held:
    """Return what a reading of these holdings finds."""
    found = HoldingsReader(holdings).read()
    return msgspec.structs.replace(found, used_s=0.0)


def source(
    later_s: float = 0,
    *,
    away: bool = False,
    ask_why: Callable[[int], list[str]] = lambda con_id: [
        f"{con_id}: streaming",
        "  it has a line",
    ],
) -> Source:
    """Return what the app reads some seconds after noon; `away`: Redis says nothing since noon."""
    screen, known = normal_day(), held()
    now = NOON + timedelta(seconds=later_s)
    screen = msgspec.structs.replace(screen, now=now)
    if away:
        assert screen.bus is not None
        bus = screen.bus.lost("connection refused", NOON)
        screen = msgspec.structs.replace(screen, bus=bus)
        known = msgspec.structs.replace(known, error="Redis does not answer", since=NOON)

    def look() -> Screen:
        return screen

    return Source(
        screen=look,
        held=lambda: known,
        ask_why=ask_why,
        names=ShownAccounts,
        zone=ZoneInfo("UTC"),
    )


def _leg(con_id: int, label: str) -> Contract:
    symbol, expiry, right, strike = label.split()
    return option(con_id, symbol=symbol, expiry=expiry, right=right, strike=Decimal(strike))
