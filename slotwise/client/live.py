"""The portfolio of now, from the boards in Redis, with the lake's facts on contracts and day.

Where the lake is away, the boards alone answer: underlyings, trading hours and the start of the day
are then not known, and what depends on them is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.marks import MarksBoard
from slotwise.bus.rates import RatesBoard
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.client.holdings import Holdings
from slotwise.errors import LakeError, NoSystemError
from slotwise.exchange_rates import Rates
from slotwise.health.profit_words import profit_words
from slotwise.lake.contract_facts import ContractFacts, contract_facts
from slotwise.lake.openings import read_openings, trades_since
from slotwise.lake.store import Lake
from slotwise.lake.strategies_as_of import quantities_as_of, strategies_as_of
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.changes import changes_of_day
from slotwise.portfolio.marked_price import marked_price
from slotwise.portfolio.opening import Openings, start_of_day
from slotwise.portfolio.price import NO_PRICE, Price, price_of
from slotwise.portfolio.row import PortfolioRow
from slotwise.position import Position
from slotwise.quote import Quote

#: The lake's part is read again after this long, seconds: there may be new contracts.
LAKE_S = 300.0
#: Time from a change that no execution explains until executions are read again.
TRADES = timedelta(seconds=15)
NO_POSITIONS = (
    "no positions are published in this Redis: where a system runs, TWS has given none yet, and"
    " `slotwise status` says why; else `slotwise up` starts one, and REDIS_URL names another's"
    " Redis; --as-of shows the past"
)


class LiveHoldings:
    """Reads what is held now; it keeps what has not changed between two readings."""

    def __init__(self, bus: Bus, lake: Lake | None) -> None:
        self._snapshots = SnapshotBoard(bus)
        self._quotes = QuoteBoard(bus)
        self._marks = MarksBoard(bus)
        self._rates = RatesBoard(bus)
        self._status = StatusBoard(bus)
        self._lake = lake
        self._lake_read_at: datetime | None = None
        self._facts = ContractFacts()
        self._openings = Openings()
        #: When executions are read again because of a change that they do not explain yet.
        self._trades_due: datetime | None = None
        #: The quote of each contract as it was decoded last, with its price.
        self._prices: dict[int, tuple[Quote, Price]] = {}

    def read(self) -> Holdings:
        """Read what is held and what it is worth now.

        Raises NoSystemError where no positions are published, and BusError.
        """
        # Beside each other: both wait for other processes and disks.
        with ThreadPoolExecutor(1) as beside:
            lake_read = beside.submit(self._read_lake, datetime.now(UTC))
            found = self._snapshots.all()
            lake_read.result()
        if found is None:
            raise NoSystemError(NO_POSITIONS)
        head, positions = found
        prices = self._read_prices(positions)
        # After the quotes were read, so that none is from later.
        at = datetime.now(UTC)
        status = self._status.get(GatewayStatus)
        strategies, quantities = self._strategies(at, status)
        rates = Rates(self._rates.get())
        rows = portfolio_rows(
            positions,
            prices,
            at=at,
            underlying_of=self._facts.underlying,
            quotation_of=self._facts.quotation,
            rates=rates,
            closed_since=self._facts.closed_since,
            strategies=strategies,
            quantities=quantities,
            openings=self._openings,
        )
        keys = {row.key for row in rows}
        self._look_for_trades(rows, at)
        return Holdings(
            at=at,
            rows=tuple(rows),
            rates=rates,
            positions_at=head.completed_at,
            unknown=head.unknown,
            closed_today=len(self._openings.open_keys() - keys),
            changes=changes_of_day(self._openings, rows),
            profits=() if status is None else tuple(profit_words(status.witness)),
        )

    def _read_prices(self, positions: list[Position]) -> dict[int, Price]:
        wanted = {one.contract.con_id for one in positions if one.quantity}
        under = {self._facts.underlying(con_id) for con_id in wanted}
        wanted.update(con_id for con_id in under if con_id is not None)
        # Marks before quotes: a quote that a mark has not seen counts for itself.
        marks = self._marks.get()
        prices = {}
        for con_id, quote in self._quotes.get(sorted(wanted)).items():
            known = self._prices.get(con_id)
            if known is None or known[0] != quote:
                known = self._prices[con_id] = (quote, price_of(quote))
            prices[con_id] = known[1]
        for con_id in wanted & marks.keys():
            prices[con_id] = marked_price(prices.get(con_id, NO_PRICE), marks[con_id])
        return prices

    def _read_lake(self, at: datetime) -> None:
        """Read the lake's part, again after a while and when a new day has begun."""
        before = self._lake_read_at
        if self._lake is None:
            return
        if before is not None and (at - before).total_seconds() < LAKE_S:
            if self._trades_due is not None and at >= self._trades_due:
                self._read_trades(at)
            return
        if before is None or start_of_day(before) != start_of_day(at) or not self._openings.known:
            self._openings = read_openings(self._lake, at)
        else:
            self._read_trades(at)
        # Where the lake is away, what was known stays known.
        with suppress(LakeError):
            self._facts = contract_facts(self._lake)
        self._lake_read_at = at

    def _read_trades(self, at: datetime) -> None:
        self._trades_due = None
        if self._lake is not None:
            # Where the lake is away, what was known stays known.
            with suppress(LakeError):
                begin, seen_at = start_of_day(at), self._openings.seen_at
                trades = trades_since(self._lake, begin, at, seen_at)
                self._openings = replace(self._openings, trades=trades)

    def _look_for_trades(self, rows: Iterable[PortfolioRow], at: datetime) -> None:
        """Plan to read executions where a quantity has changed and its profit is unknown."""
        if self._trades_due is None and any(
            row.day_pnl is None and row.price is not None and self._has_changed(row) for row in rows
        ):
            self._trades_due = at + TRADES

    def _has_changed(self, row: PortfolioRow) -> bool:
        opening = self._openings.held.get(row.key)
        return opening is not None and opening.quantity != row.quantity

    def _strategies(
        self, at: datetime, status: GatewayStatus | None
    ) -> tuple[dict[int, tuple[str, ...]], dict[int, dict[str, Decimal]]]:
        """Return the active strategies of contracts, from the gateway, else from the lake.

        Beside them how much of a contract is whose, by the strategies that say so.
        """
        if status is not None:
            quantities = {leg.con_id: leg.quantities for leg in status.legs if leg.quantities}
            return {leg.con_id: leg.strategies for leg in status.legs}, quantities
        if self._lake is None:
            return {}, {}
        try:
            return strategies_as_of(self._lake, at), quantities_as_of(self._lake, at)
        except LakeError:
            return {}, {}
