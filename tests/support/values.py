"""Values for tests, each with a sensible default for all that a test does not care about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.position import Position, Snapshot, SnapshotHead
from slotwise.quote import Quote
from slotwise.rules.position_queue import Attempt, NewItem
from slotwise.rules.trading_hours import TradingHours

#: Noon of a trading day: where every test's clock starts.
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ACCOUNT = "DU1"


def at(seconds: float) -> datetime:
    """Give the time some seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def contract(con_id: int = 1, **changes: Any) -> Contract:
    """Make a stock, or what the changes make of it."""
    stock = Contract(
        con_id=con_id, symbol=f"S{con_id}", sec_type="STK", exchange="SMART", price_magnifier=1
    )
    return replace(stock, **changes)


def option(con_id: int = 1, **changes: Any) -> Contract:
    """Make an option of multiplier 100, as TWS sends it: without an exchange."""
    put = Contract(
        con_id=con_id,
        symbol="SPY",
        sec_type="OPT",
        local_symbol=f"SPY   261218P{con_id:08d}",
        expiry="20261218",
        strike=Decimal(560),
        right="P",
        multiplier=Decimal(100),
        exchange="",
        price_magnifier=1,
    )
    return replace(put, **changes)


def details(
    contract_: Contract | None = None, hours: TradingHours | None = None, **changes: Any
) -> ContractDetails:
    """Make the details of a contract, which SMART routes where the changes do not say otherwise."""
    sessions = hours.sessions if hours is not None else ()
    looked_up = ContractDetails(
        contract=contract_ or contract(),
        looked_up_at=NOON,
        valid_exchanges=("SMART", "NYSE"),
        time_zone="UTC",
        trading_hours=";".join(f"{a:%Y%m%d:%H%M}-{b:%Y%m%d:%H%M}" for a, b in sessions),
    )
    return replace(looked_up, **changes)


def known(contract_: Contract, **changes: Any) -> KeptContract:
    """Make what is kept of a contract whose details are known."""
    return KeptContract(con_id=contract_.con_id, details=details(contract_, **changes), at=NOON)


def position(con_id: int = 1, quantity: str | int | Decimal = 10, **changes: Any) -> Position:
    """Make a position of a stock seen at noon."""
    held = Position(
        account=ACCOUNT,
        contract=contract(con_id),
        quantity=Decimal(quantity),
        avg_cost=Decimal(100),
        observed_at=NOON,
    )
    return replace(held, **changes)


def quote(con_id: int = 1, **changes: Any) -> Quote:
    """Make a quote; prices may be given as text or numbers."""
    prices: dict[str, Decimal | None] = {
        name: None if changes[name] is None else Decimal(changes[name])
        for name in ("bid", "ask", "last", "close")
        if name in changes
    }
    seen = Quote(con_id=con_id, observed_at=NOON, source="snapshot")
    return replace(seen, **(changes | prices))


def head(snapshot_id: str = "s1", count: int = 0, when: datetime = NOON) -> SnapshotHead:
    """Make the head of a snapshot that took no time."""
    return SnapshotHead(snapshot_id=snapshot_id, requested_at=when, completed_at=when, count=count)


def snapshot(snapshot_id: str, *positions: Position, when: datetime = NOON) -> Snapshot:
    """Make a snapshot that took no time."""
    return Snapshot(
        snapshot_id=snapshot_id, requested_at=when, completed_at=when, positions=positions
    )


def item(number: int, priority: int = 2, account: str = ACCOUNT) -> NewItem:
    """Ask for contract `number` to be polled, as item `i<number>`."""
    return NewItem(f"i{number}", account, number, priority)


def attempt(batch_id: str, seconds: float = 0.0, worker: str = "w") -> Attempt:
    """Try a batch for no time."""
    return Attempt(batch_id, worker, at(seconds), at(seconds))
