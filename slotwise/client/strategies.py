"""Strategies change: checked with TWS, then kept in the lake, then sent to the gateway.

Plain functions for the command line and Python; no worker is needed.

Rules:
* A contract is registered once TWS knows it and it has not expired: the gateway is asked for each.
* With `force` none is asked for: where TWS is away, or knows a contract only later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import structlog

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.bus.commands import Commands, registry_command
from slotwise.bus.contracts import ContractBoard
from slotwise.bus.lake_identity import LakeIdentity
from slotwise.contract import Contract
from slotwise.errors import BrokerTimeoutError, BusAwayError, BusError, InputError
from slotwise.lake.registry_store import DeltaRegistryStore, open_registry
from slotwise.lake.store import Lake
from slotwise.leg import Leg
from slotwise.registry import activation, checked_legs, rows_of
from slotwise.rules.leg_resolution import LegCandidates, resolve
from slotwise.rules.registry_changes import RegistryChange
from slotwise.settings import Settings
from slotwise.strategy import DEFAULT_PRIORITY, Strategy

log = structlog.get_logger(__name__)

#: What to do about a leg that is refused, behind its reason.
ADVICE = "; correct it, or register it unchecked with --force (force=True in Python)"


def activate_strategy(
    config: Settings,
    name: str,
    con_ids: Iterable[int],
    priority: int = DEFAULT_PRIORITY,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    force: bool = False,
) -> Strategy:
    """Activate a strategy; its contracts get lines as soon as the gateway has the message.

    `quantities` says how much of some contracts is the strategy's own, negative when short.
    Raises InputError, also for a contract that TWS does not know and one that has expired; and
    BusError and LakeError.
    """
    legs = checked_legs(name, con_ids, priority)
    if not force:
        find_contracts(config, tuple(Leg(con_id=con_id) for con_id in legs))
    return register_strategy(config, name, legs, priority, quantities)


def register_strategy(
    config: Settings,
    name: str,
    con_ids: Iterable[int],
    priority: int = DEFAULT_PRIORITY,
    quantities: Mapping[int, Decimal] | None = None,
) -> Strategy:
    """Activate a strategy of contracts that were found; raises InputError and LakeError."""
    with _bus(config) as bus:
        # What was active before does not matter, and reading it would cost more than all the rest.
        strategy = activation(name, con_ids, datetime.now(UTC), priority, quantities)
        store = DeltaRegistryStore(_lake(config, bus))
        store.append(rows_of(strategy), partial(_notify_gateway, bus))
    return strategy


def find_contracts(config: Settings, legs: Sequence[Leg]) -> tuple[Contract, ...]:
    """Return the contract of each leg, as TWS knows it now.

    Raises LakeAbsentError where no lake is, BusAwayError where no Redis is, and InputError for the
    first leg that TWS does not know, that may mean several contracts or that has expired, and where
    TWS cannot be asked.
    """
    with _bus(config) as bus:
        # Before TWS is asked: without a lake there is nothing to activate in.
        Lake(config.lake_path, LakeIdentity(bus).expected).verify()
    now = datetime.now(UTC)
    by_id = all(leg.con_id for leg in legs)
    try:
        all_candidates = ask_for(config, legs)
    except BusAwayError as error:
        raise BusAwayError(f"{error}{ADVICE if by_id else ''}") from error
    except (BrokerTimeoutError, BusError) as error:
        raise InputError(f"{error}{ADVICE if by_id else ''}") from error
    found: list[Contract] = []
    refused: list[str] = []
    for leg_candidates in all_candidates:
        try:
            found.append(resolve(leg_candidates, now))
        except InputError as error:
            refused.append(f"{error}{ADVICE if leg_candidates.leg.con_id else ''}")
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise InputError(f"{refused[0]}{more}")
    return tuple(found)


def ask_for(config: Settings, legs: Sequence[Leg]) -> tuple[LegCandidates, ...]:
    """Ask the gateway what legs mean; raises BrokerTimeoutError and BusError."""
    if not legs:
        return ()
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    try:
        return ContractBoard(bus).ask(legs)
    finally:
        bus.close()


def close_strategy(config: Settings, name: str) -> Strategy:
    """Close a strategy; raises UnknownStrategyError and LakeError."""
    with _bus(config) as bus:
        registry = open_registry(_lake(config, bus), partial(_notify_gateway, bus))
        return registry.close(name, datetime.now(UTC))


@contextmanager
def _bus(config: Settings) -> Iterator[Bus]:
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    try:
        yield bus
    finally:
        bus.close()


def _lake(config: Settings, bus: Bus) -> Lake:
    """Return the lake that the running system works with."""
    return Lake(config.lake_path, LakeIdentity(bus).expected, sync=config.sync_to_disk)


def _notify_gateway(bus: Bus, change: RegistryChange) -> None:
    try:
        Commands(bus).send(registry_command(change))
    except BusError as error:
        # The change is kept; the gateway reads the registry again at each poll.
        log.warning("gateway not notified, it reads the change at its next poll", reason=str(error))
