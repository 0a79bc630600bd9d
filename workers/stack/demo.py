"""`slotwise demo`: everything on this machine against the simulator, with a live screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from rich.console import Console
from rich.live import Live

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, QueueStatus, StatusBoard
from slotwise.errors import BusError, LakeError, SlotwiseError
from slotwise.lake.store import Lake
from slotwise.settings import settings
from workers.stack.child import wait_until
from workers.stack.demo_lake import DemoLake
from workers.stack.demo_options import DemoOptions, environment, reserve_of, simulator_options
from workers.stack.demo_result import (
    DemoResult,
    ReconciliationResult,
    broken_promises,
    lines_result,
)
from workers.stack.demo_screen import DemoView, render, ways_in
from workers.stack.demo_strategies import DemoStrategies
from workers.stack.demo_verdict import DemoVerdict
from workers.stack.final_report import FinalReport, reconcile_command
from workers.stack.flower_health import flower_answers
from workers.stack.flower_login import flower_login
from workers.stack.interrupt import until_interrupted
from workers.stack.ledger import LedgerTail, LineCount
from workers.stack.ports import free_port
from workers.stack.processes import (
    celery_specs,
    gateway_spec,
    monitor_spec,
    redis_spec,
    simulator_spec,
    web_spec,
)
from workers.stack.state_folder import write_env_file
from workers.stack.supervisor import Supervisor

#: Time between two frames of the screen, seconds.
FRAME_S = 0.25
#: The simulator makes 50,000 positions in two seconds; a busy machine takes longer, seconds.
SIMULATOR_START_S = 30.0
#: Time between two looks into the lake, seconds: a beat.
LAKE_LOOK_S = 5.0
#: The last report may take this long: a snapshot, three beats to settle, and a landing, seconds.
LAST_REPORT_S = 45.0
#: And this long until its row is committed, seconds: two beats.
LAST_REPORT_LANDS_S = 12.0
#: Flower, started again just before the end, answers within this, seconds.
FLOWER_START_S = 20.0
#: What still waits when the gateway has ended may take this long, seconds: a lease that was
#: lost with its worker, and two beats.
RUN_DRY_S = 35.0


class Demo:
    """Run the stack and watch it."""

    def __init__(self, options: DemoOptions, console: Console) -> None:
        self._options = options
        self._console = console
        self._started = time.monotonic()
        self._flower_port, self._redis_port = free_port(), free_port()
        self._web_port, self._with_web = free_port(), settings().web
        self._flower = f"http://127.0.0.1:{self._flower_port}"
        self._ledger = options.state / "ledger.jsonl"
        self._lines = LedgerTail(self._ledger, options.lines)
        self._lake = Lake(str(options.lake))
        prefix = f"slotwise-demo-{options.state.name}:"
        self._redis_url = options.redis_url or f"redis://127.0.0.1:{self._redis_port}/0"
        self._bus = Bus(self._redis_url, prefix)
        self._ib_port, self._control_port = free_port(), free_port()
        self._env = environment(options, self._redis_url, prefix, self._ib_port)
        self._env_file = write_env_file(options.state, self._env)
        self._begun = False
        self._verdict = DemoVerdict(self._bus)
        self._strategies = DemoStrategies(self._lake, self._bus)
        self._held: frozenset[tuple[str, int]] = frozenset()
        self._landed = DemoLake(self._lake)
        self._all_landed_s: float | None = None
        self._lake_looked = 0.0

    def run(self) -> DemoResult:
        """Run until the time is over or the user ends it; leaves no process behind."""
        self._lake.create()
        try:
            return self._run()
        finally:
            if self._options.redis_url is not None:
                # A user's own server: leave nothing of the demo in it.
                with suppress(BusError):
                    self._bus.clear()
            self._bus.close()

    def _run(self) -> DemoResult:
        with until_interrupted() as interrupted, Supervisor() as stack:
            if self._options.redis_url is None:
                stack.start_redis(redis_spec(self._redis_port, self._options.state), self._bus)
            else:
                self._bus.ping()
            self._start(stack)
            if not self._console.is_terminal:
                words = map(" ".join, ways_in(self._control_port, self._env_file))
                self._console.print(*words, sep="\n", soft_wrap=True)
            with Live(console=self._console, auto_refresh=False, transient=True) as live:
                while not interrupted() and not self._over():
                    stack.tend()
                    self._look()
                    live.update(render(self._view(stack)), refresh=True)
                    time.sleep(FRAME_S)
            return self._finish(stack)

    def _start(self, stack: Supervisor) -> None:
        options = self._options
        simulator = simulator_options(options, self._ib_port, self._control_port, self._ledger)
        child = stack.start(simulator_spec(simulator, self._env, options.state))
        wait_until(
            lambda: child.exit_status is not None or child.has_logged("listening"),
            SIMULATOR_START_S,
        )
        if child.exit_status is not None:
            raise SlotwiseError(f"the simulator did not start: {child.last_words()}")
        stack.start(gateway_spec(self._env, options.state))
        stack.start(monitor_spec(self._env, options.state))
        if self._with_web:
            # Reached directly, whatever path a proxy of the user's has.
            direct = {"SLOTWISE_WEB_PREFIX": "", "SLOTWISE_FLOWER_URL": self._flower}
            web_env = {**self._env, **direct}
            stack.start(web_spec(web_env, options.state, self._web_port))
        for spec in celery_specs(self._env, options.state, self._flower_port):
            stack.start(spec)

    def _over(self) -> bool:
        limit = self._options.seconds
        return limit is not None and time.monotonic() - self._started > limit

    def _look(self) -> None:
        """Take note of what has happened; whatever does not answer now is asked again."""
        with suppress(BusError, LakeError):
            if not self._begun:
                self._activate()
        now = time.monotonic()
        if now - self._lake_looked < LAKE_LOOK_S:
            return
        self._lake_looked = now
        with suppress(LakeError):
            self._look_into_lake()

    def _look_into_lake(self) -> None:
        self._landed.read()
        if self._all_landed_s is None and self._begun and not self._count_unlanded():
            self._all_landed_s = time.monotonic() - self._started

    def _activate(self) -> None:
        board = SnapshotBoard(self._bus).all()
        if board is None:
            return
        _, positions = board
        contracts = [position.contract for position in positions]
        self._strategies.begin(contracts, self._options.active)
        self._held = frozenset(position.key for position in positions if position.quantity)
        self._begun = True

    def _count_unlanded(self) -> int:
        # A contract whose strategy was closed is polled only from then on.
        return self._landed.unlanded(self._held, self._strategies.ever_active)

    def _count_lines(self) -> LineCount:
        # First the record, then what follows from it: no line is opened before it has a strategy.
        with suppress(LakeError):
            self._strategies.follow()
        self._lines.activate(self._strategies.active, time.time())
        return self._lines.count()

    def _view(self, stack: Supervisor) -> DemoView:
        gateway = queue = None
        lines = self._count_lines()
        login = flower_login(self._options.state)
        pages = ("web   ", f"http://127.0.0.1:{self._web_port}/  login {login}")
        web = (pages,) if self._with_web else ()
        with suppress(BusError):
            board = StatusBoard(self._bus)
            gateway, queue = board.get(GatewayStatus), board.get(QueueStatus)
        return DemoView(
            verdict=self._verdict.read(),
            seconds=time.monotonic() - self._started,
            positions=len(self._held),
            active=len(self._strategies.active),
            lines=lines,
            gateway=gateway,
            queue=queue,
            succeeded=self._landed.queue.succeeded,
            failed=self._landed.queue.failed,
            pending=self._landed.queue.pending,
            rows=self._landed.landing.rows,
            commits=self._landed.landing.commits,
            reconciliation=self._landed.reconciliation,
            links=(
                *web,
                ("Flower", f"{self._flower}  login {login}"),
                ("lake  ", str(self._options.lake)),
                ("ledger", str(self._ledger)),
                ("logs  ", str(self._options.state / "logs")),
                *ways_in(self._control_port, self._env_file),
            ),
            restarts=tuple((child.spec.name, child.restarts) for child in stack.children),
        )

    def _finish(self, stack: Supervisor) -> DemoResult:
        """Reconcile a last time with everything running, let the queue run dry, then count.

        A run that ended before it began has nothing to wait for.
        """
        report, answers = None, False
        if self._begun:
            self._console.print("a last reconciliation, then the queue runs dry ...", style="dim")
            report = self._last_report(stack)
        count = self._count_lines()
        wanted = self._strategies.entitled(self._gateway())
        if self._begun:
            answers = self._wait(stack, lambda: flower_answers(self._flower), FLOWER_START_S)
        restarts = {child.spec.name: child.restarts for child in stack.children}
        # Without the gateway nothing is inserted any more.
        stack.stop("gateway")
        if self._begun:
            self._wait(stack, self._queue_is_dry, RUN_DRY_S)
        self._look_into_lake()
        breaks = len(report.breaks) if report is not None and report.status != "stale" else None
        matched = report.matched if breaks is not None and report is not None else None
        return DemoResult(
            positions=len(self._held),
            active=len(self._strategies.active),
            lines=lines_result(count),
            queue=self._landed.queue_result(),
            landed=self._landed.landed_result(),
            reconciliation=ReconciliationResult(
                matched, breaks, report.status if report is not None else "none"
            ),
            all_landed_s=self._all_landed_s,
            lake=str(self._options.lake),
            flower=self._flower,
            ledger=str(self._ledger),
            logs=str(self._options.state / "logs"),
            restarts=restarts,
            seconds=time.monotonic() - self._started,
            broken=broken_promises(
                begun=self._begun,
                count=count,
                active=wanted,
                reserve=reserve_of(self._options),
                wrong_items=self._landed.landing.wrong_items,
                unlanded=self._count_unlanded(),
                pending=self._landed.queue.pending,
                breaks=breaks,
                flower_answers=answers,
            ),
        )

    def _gateway(self) -> GatewayStatus | None:
        with suppress(BusError):
            return StatusBoard(self._bus).get(GatewayStatus)
        return None

    def _last_report(self, stack: Supervisor) -> FinalReport | None:
        """Reconcile, and wait until the lake has the report."""
        with reconcile_command(self._env) as command:
            done = self._wait(stack, command.done, LAST_REPORT_S)
            report = command.report() if done else None
        if report is None:
            return None

        def landed() -> bool:
            with suppress(LakeError):
                return self._landed.has_report(report.report_id)
            return False

        self._wait(stack, landed, LAST_REPORT_LANDS_S)
        return report

    def _queue_is_dry(self) -> bool:
        with suppress(LakeError, BusError):
            pending, status = self._landed.pending(), StatusBoard(self._bus).get(QueueStatus)
            return pending == 0 and status is not None and status.landing_entries == 0
        return False

    def _wait(self, stack: Supervisor, ready: Callable[[], bool], timeout_s: float) -> bool:
        def tended() -> bool:
            stack.tend()
            return ready()

        return wait_until(tended, timeout_s, step_s=FRAME_S)
