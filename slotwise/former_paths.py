"""Modules under the names they had before: an import of a former path gives the module of today.

Handlers and scripts of users import some of them. The first import of each warns; the table goes
with version 1.0.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from slotwise.former_names import keep_former_names

#: Former path and the one of today.
FORMER: Mapping[str, str] = {
    "slotwise.blindness": "slotwise.rules.data_gaps",
    "slotwise.bus.answers": "slotwise.bus.replies",
    "slotwise.bus.facts": "slotwise.bus.server_info",
    "slotwise.bus.tenure": "slotwise.bus.leader_lock",
    "slotwise.expiry": "slotwise.rules.expiry",
    "slotwise.holdings_diff": "slotwise.rules.holdings_diff",
    "slotwise.lake.book_keep": "slotwise.lake.latest_positions",
    "slotwise.lake.evolution": "slotwise.lake.schema_upgrades",
    "slotwise.lake.line_history": "slotwise.lake.data_gap_history",
    "slotwise.lake.marks": "slotwise.lake.position_checkpoints",
    "slotwise.lake.once": "slotwise.lake.dedup",
    "slotwise.lake.presence": "slotwise.lake.existing_tables",
    "slotwise.lake.reasons": "slotwise.lake.error_text",
    "slotwise.lake.told": "slotwise.lake.derived_tables",
    "slotwise.landing": "slotwise.rules.landing",
    "slotwise.legs_meant": "slotwise.rules.leg_resolution",
    "slotwise.lines": "slotwise.rules.lines",
    "slotwise.moment": "slotwise.parse_time",
    "slotwise.plot": "slotwise.report.plot",
    "slotwise.polling": "slotwise.rules.polling",
    "slotwise.position_queue": "slotwise.rules.position_queue",
    "slotwise.reconciliation.life": "slotwise.reconciliation.break_lifecycle",
    "slotwise.reconciliation.mending": "slotwise.reconciliation.healing",
    "slotwise.reconciliation.occasions": "slotwise.reconciliation.triggers",
    "slotwise.reconciliation.silence": "slotwise.reconciliation.silences",
    "slotwise.rotation": "slotwise.rules.rotation",
    "slotwise.strategy_plan": "slotwise.rules.strategy_plan",
    "slotwise.trading_hours": "slotwise.rules.trading_hours",
    "slotwise.valuation": "slotwise.rules.valuation",
    "tasks.consumer": "tasks.celery_setup.consumer",
    "tasks.ending": "tasks.celery_setup.ending",
    "tasks.fitting": "slotwise.lake.row_validation",
    "tasks.flower_broker": "tasks.celery_setup.flower_broker",
    "tasks.flower_config": "tasks.celery_setup.flower_config",
    "tasks.lake_turn": "tasks.lake_lock",
    "tasks.loader": "tasks.celery_setup.loader",
    "tasks.occasions": "tasks.reconcile_triggers",
    "tasks.periodic": "tasks.celery_setup.periodic",
    "tasks.queue_standing": "tasks.queue_status",
    "tasks.reconciliation_sources": "tasks.live_sources",
    "tasks.reconciling": "slotwise.reconciliation.procedure",
    "tasks.refusals": "tasks.lake_outage",
    "tasks.result_backend": "tasks.celery_setup.result_backend",
    "tasks.roll_call": "tasks.inspect_workers",
    "tasks.signatures": "tasks.celery_setup.signatures",
    "tasks.strange_messages": "tasks.celery_setup.rejected_messages",
    "tasks.transport": "tasks.celery_setup.transport",
    "tasks.watchdog": "tasks.celery_setup.watchdog",
    "workers.commands.blind": "workers.commands.gaps",
    "workers.gateway.active": "workers.gateway.active_contracts",
    "workers.gateway.birth": "workers.gateway.process_start",
    "workers.gateway.closed_rows": "workers.gateway.positions.closed_rows",
    "workers.gateway.closing_quotes": "workers.gateway.lines.closing_quotes",
    "workers.gateway.closings": "workers.gateway.positions.closings",
    "workers.gateway.commands": "workers.gateway.command_listener",
    "workers.gateway.contract_facts": "workers.gateway.contracts.facts",
    "workers.gateway.contract_fetch": "workers.gateway.contracts.fetch",
    "workers.gateway.contract_retries": "workers.gateway.contracts.retries",
    "workers.gateway.contract_rows": "workers.gateway.contracts.rows",
    "workers.gateway.contract_service": "workers.gateway.contracts.service",
    "workers.gateway.data_access": "workers.gateway.lines.data_access",
    "workers.gateway.data_status": "workers.gateway.lines.data_status",
    "workers.gateway.errands": "workers.gateway.background_tasks",
    "workers.gateway.farms": "workers.gateway.lines.farms",
    "workers.gateway.habit": "workers.gateway.lines.habit",
    "workers.gateway.holdings": "workers.gateway.positions.holdings",
    "workers.gateway.hours_book": "workers.gateway.contracts.trading_hours_cache",
    "workers.gateway.ib.connection": "workers.gateway.ib.ib_broker",
    "workers.gateway.ib.link": "workers.gateway.ib.tws_connection",
    "workers.gateway.ib.patience": "workers.gateway.ib.timeouts",
    "workers.gateway.insertions": "workers.gateway.positions.queue_inserts",
    "workers.gateway.leg_states": "workers.gateway.lines.leg_states",
    "workers.gateway.line_events": "workers.gateway.lines.events",
    "workers.gateway.line_gate": "workers.gateway.lines.in_flight",
    "workers.gateway.line_limit": "workers.gateway.lines.limit",
    "workers.gateway.line_notes": "workers.gateway.lines.event_notes",
    "workers.gateway.line_pace": "workers.gateway.lines.pace",
    "workers.gateway.line_renewal": "workers.gateway.lines.renewal",
    "workers.gateway.line_table": "workers.gateway.lines.table",
    "workers.gateway.look_up": "workers.gateway.leg_lookup",
    "workers.gateway.loops": "workers.gateway.aio",
    "workers.gateway.missing": "workers.gateway.positions.missing",
    "workers.gateway.poller": "workers.gateway.positions.poller",
    "workers.gateway.publisher": "workers.gateway.outbox.publisher",
    "workers.gateway.pulse": "workers.gateway.lines.staleness",
    "workers.gateway.questions": "workers.gateway.requests",
    "workers.gateway.quote_outbox": "workers.gateway.outbox.quote_board_writer",
    "workers.gateway.quote_pace": "workers.gateway.lines.quote_pace",
    "workers.gateway.quote_results": "workers.gateway.lines.quote_results",
    "workers.gateway.quote_rows": "workers.gateway.outbox.quote_rows",
    "workers.gateway.rotation_status": "workers.gateway.lines.rotation_status",
    "workers.gateway.rotator": "workers.gateway.lines.rotator",
    "workers.gateway.router": "workers.gateway.positions.router",
    "workers.gateway.routing": "workers.gateway.positions.routing",
    "workers.gateway.session_history": "workers.gateway.session.history",
    "workers.gateway.session_table": "workers.gateway.session.states",
    "workers.gateway.sightings": "workers.gateway.lines.sightings",
    "workers.gateway.silence": "workers.gateway.lines.silence",
    "workers.gateway.spool": "workers.gateway.outbox.spool",
    "workers.gateway.spool_file": "workers.gateway.outbox.spool_file",
    "workers.gateway.spool_flow": "workers.gateway.outbox.spool_flow",
    "workers.gateway.spool_lake": "workers.gateway.outbox.spool_lake",
    "workers.gateway.spool_sender": "workers.gateway.outbox.spool_sender",
    "workers.gateway.standing": "workers.gateway.status",
    "workers.gateway.streamer": "workers.gateway.lines.streamer",
    "workers.gateway.symbols": "workers.gateway.contracts.symbols",
    "workers.gateway.tenancy": "workers.gateway.leadership",
    "workers.gateway.trades_since": "workers.gateway.positions.trades_since",
    "workers.gateway.updates": "slotwise.update",
    "workers.gateway.vitals": "workers.gateway.health",
    "workers.gateway.watch": "workers.gateway.lines.watchlist",
    "workers.gateway.why": "workers.gateway.lines.explain",
    "workers.gateway.wishes": "workers.gateway.lines.rotation_targets",
    "workers.gateway.without_price": "workers.gateway.lines.without_price",
    "workers.screen.gathering": "workers.screen.collect",
    "workers.screen.newest": "workers.screen.background_reader",
}


class _ModuleOfToday(Loader):
    """Put the module of today in the place of a former one."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return None, Python's default: the module made here is replaced at once."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Import the module of today under both names."""
        former = module.__name__
        warnings.warn(f"{former} is {FORMER[former]} now", DeprecationWarning, stacklevel=2)
        today = import_module(FORMER[former])
        keep_former_names(today)
        sys.modules[former] = today


class FormerPaths(MetaPathFinder):
    """Find modules by their former paths, after all others were asked."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a former path is imported; None for any other name."""
        return ModuleSpec(fullname, _ModuleOfToday()) if fullname in FORMER else None


def install() -> None:
    """Make former paths importable; once for a process."""
    if not any(isinstance(finder, FormerPaths) for finder in sys.meta_path):
        sys.meta_path.append(FormerPaths())
