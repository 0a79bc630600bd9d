"""What the portfolio needs of each contract's details: underlying, hours, how it is quoted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
import structlog

from slotwise.errors import InputError
from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import columns_for, first_of_each
from slotwise.lake.schemas import CONTRACTS
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.portfolio.underlying import Quotation
from slotwise.rules.trading_hours import TradingHours, read_hours
from slotwise.zones import zone_of

log = structlog.get_logger(__name__)


class _Row(msgspec.Struct, frozen=True):
    con_id: int
    under_con_id: int | None
    time_zone: str | None
    trading_hours: str | None
    currency: str | None
    price_magnifier: int | None


class ContractFacts:
    """Underlyings, trading hours and units of contracts, as the newest details say."""

    def __init__(self, rows: Mapping[int, _Row] | None = None) -> None:
        self._rows = rows or {}
        #: Thousands of contracts share a text of hours.
        self._hours: dict[tuple[str, str], TradingHours | None] = {}
        self._closed: dict[tuple[str, str], datetime | None] = {}
        self._closed_at: datetime | None = None

    def underlying(self, con_id: int) -> int | None:
        """Return the contract id of the underlying; None where it is not known."""
        row = self._rows.get(con_id)
        return None if row is None else row.under_con_id

    def quotation(self, con_id: int) -> Quotation | None:
        """Return how a contract is quoted; None where it is not known."""
        row = self._rows.get(con_id)
        if row is None or not row.currency:
            return None
        return Quotation(row.currency, row.price_magnifier)

    def closed_since(self, con_id: int, at: datetime) -> datetime | None:
        """Return since when a contract's market is closed; None while it is open, or not known.

        Where the text of the hours begins while it is closed, it is the midnight before.
        """
        row = self._rows.get(con_id)
        if row is None or not row.trading_hours or not row.time_zone:
            return None
        if at != self._closed_at:
            self._closed, self._closed_at = {}, at
        key = (row.trading_hours, row.time_zone)
        if key not in self._closed:
            self._closed[key] = self._since(key, at)
        return self._closed[key]

    def _since(self, key: tuple[str, str], at: datetime) -> datetime | None:
        if key not in self._hours:
            try:
                self._hours[key] = read_hours(*key)
            except InputError as error:
                log.warning("trading hours cannot be read", reason=str(error))
                self._hours[key] = None
        hours = self._hours[key]
        if hours is None or hours.is_open(at):
            return None
        local = at.astimezone(zone_of(key[1]))
        return hours.last_end(at) or local.replace(hour=0, minute=0, second=0, microsecond=0)


def contract_facts(lake: Lake) -> ContractFacts:
    """Read the newest facts of every contract; none where there is no table. Raises LakeError."""
    if not lake.has(CONTRACTS.name):
        return ContractFacts()
    newest = first_of_each(
        columns_for(_Row),
        f"{CONTRACTS.name} WHERE sec_type IS NOT NULL",
        per="con_id",
        order="at DESC, coalesce(landing, 0) DESC",
    )
    rows = ask(lake, newest, CONTRACTS.name)
    return ContractFacts({row.con_id: row for row in values_of(rows, _Row, CONTRACTS.name)})
