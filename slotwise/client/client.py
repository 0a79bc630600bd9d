"""Client: what a running system holds and sees, for notebooks and other processes.

    from slotwise import connect

    with connect() as client:
        client.portfolio(by=("strategy",)).groups.to_pandas()
        for event in client.subscribe(strategies=["condor-spy"]):
            ...

It reads Redis and the lake, and changes nothing. It needs no event loop and disturbs none: every
call but `subscribe` ends by itself, and a subscription is also an async iterator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.client.holdings import Holdings
from slotwise.client.live import LiveHoldings
from slotwise.client.past import past_holdings
from slotwise.client.results import Result
from slotwise.client.subscription import BoardsReader, Subscription
from slotwise.formatting import counted
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.schemas import PRICE, TIME
from slotwise.lake.store import Lake
from slotwise.parse_time import read_moment
from slotwise.portfolio.data import groups_table, rows_table
from slotwise.portfolio.grouping import Portfolio, portfolio, read_grouping
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.selection import usual_order
from slotwise.settings import read_settings

_FIELDS: list[tuple[str, pa.DataType]] = [
    ("con_id", pa.int64()),
    *((name, PRICE) for name in ("bid", "ask", "last", "close")),
    ("delayed", pa.bool_()),
    *((name, pa.float64()) for name in ("iv", "delta", "gamma", "vega", "theta")),
    ("source", pa.string()),
    ("observed_at", TIME),
]
#: Columns of a table of quotes.
_QUOTES = pa.schema(_FIELDS)


class PortfolioResult:
    """A portfolio as tables: `rows`, a holding each; `groups`, sums of each group and currency."""

    def __init__(self, found: Portfolio) -> None:
        self.portfolio = found
        self.rows = Result(rows_table(found.total.rows, found.at))
        self.groups = Result(groups_table(found))

    def __repr__(self) -> str:
        held = counted(len(self.rows), "holding")
        return f"<portfolio of {held} at {self.portfolio.at.isoformat()}>"


class Client:
    """Reads one running system; made by `connect`."""

    def __init__(self, bus: Bus, lake: Lake) -> None:
        self._bus = bus
        self._lake = lake
        self._live = LiveHoldings(bus, lake)

    def positions(self, as_of: datetime | str | None = None) -> Result:
        """Return what is held now, or was held at a time, as recorded in the lake.

        Raises LakeError, and InputError for a text that is no time.
        """
        at = _moment(as_of) or datetime.now(UTC)
        return Result(positions_as_of(self._lake, at))

    def portfolio(
        self, by: str | Iterable[str] = (), as_of: datetime | str | None = None
    ) -> PortfolioResult:
        """Return what is held and worth: now from the boards, at a time from the lake.

        Raises NoSystemError where no positions are published, BusError and LakeError.
        """
        names = read_grouping(by if isinstance(by, str) else ",".join(by))
        holdings = self._holdings(as_of)
        rows = sorted(holdings.rows, key=usual_order)
        return PortfolioResult(portfolio(rows, holdings.rates, holdings.at, names))

    def rows(self, as_of: datetime | str | None = None) -> tuple[PortfolioRow, ...]:
        """Return the holdings as values."""
        return self._holdings(as_of).rows

    def quotes(self, con_ids: Sequence[int] | None = None) -> Result:
        """Return the newest quotes of contracts, of all by default; raises BusError."""
        board = QuoteBoard(self._bus)
        found = board.get(sorted(board.con_ids() if con_ids is None else con_ids))
        rows = [{name: getattr(quote, name) for name in _QUOTES.names} for quote in found.values()]
        return Result(pa.Table.from_pylist(rows, _QUOTES))

    def subscribe(
        self, contracts: Iterable[int | str] = (), strategies: Iterable[str] = ()
    ) -> Subscription:
        """Return the events of contracts, named by id or in words, and of strategies.

        Where none are named, of all contracts of active strategies.
        Events are `PositionUpdate`, `ContractUnseen`, `ContractSeen` and `ConnectionState`.
        """
        return Subscription(BoardsReader(self._bus, tuple(contracts), tuple(strategies)))

    def close(self) -> None:
        """Close the connections."""
        self._bus.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _holdings(self, as_of: datetime | str | None) -> Holdings:
        at = _moment(as_of)
        return self._live.read() if at is None else past_holdings(self._lake, at)


def connect(
    redis_url: str | None = None, lake: str | None = None, key_prefix: str | None = None
) -> Client:
    """Return a client of the system that the settings name, or that is named here.

    Raises InputError for an address that is none. Connections are made at the first call.
    """
    config = read_settings(redis_url=redis_url, lake=lake, key_prefix=key_prefix)
    return Client(Bus(config.redis_url, config.key_prefix), Lake(config.lake_path))


def _moment(as_of: datetime | str | None) -> datetime | None:
    """Return a time; a text is read in UTC."""
    if isinstance(as_of, str):
        return read_moment(as_of, "UTC", datetime.now(UTC))
    return as_of
