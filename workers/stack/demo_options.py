"""What a demo was asked for, and what that means for its processes."""

from __future__ import annotations

from pathlib import Path

import msgspec

#: Time between two position polls in the demo, seconds: a third of the usual, to see it move.
DEMO_POLL_S = 10.0
#: Time between two reconciliations in the demo, seconds: a third of the usual too.
DEMO_RECONCILE_S = 20.0


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what the user asked for."""

    positions: int = 200
    active: int = 20
    lines: int = 100
    seconds: float | None = None
    lake: Path
    state: Path
    seed: int = 1
    poll_s: float = DEMO_POLL_S
    redis_url: str | None = None
    portfolio: Path | None = None


#: Lines that strategies leave to quotes in turn, where there are enough: as the settings have it.
RESERVE = 2


def reserve_of(options: DemoOptions) -> int:
    """Return the lines that strategies leave to quotes in turn while there are any.

    As many contracts are active as was asked for: they get their lines, down to the last.
    """
    return max(0, min(RESERVE, options.lines - options.active))


def environment(options: DemoOptions, redis_url: str, prefix: str, ib_port: int) -> dict[str, str]:
    """Return the settings of every process of the demo."""
    return {
        "REDIS_URL": redis_url,
        "SLOTWISE_REDIS_URL": redis_url,
        # A file named elsewhere no longer counts.
        "REDIS_URL_FILE": "",
        "SLOTWISE_REDIS_URL_FILE": "",
        "SLOTWISE_KEY_PREFIX": prefix,
        "SLOTWISE_LAKE": str(options.lake),
        "SLOTWISE_IB_HOST": "127.0.0.1",
        "SLOTWISE_IB_PORT": str(ib_port),
        # The simulator may be started again at any time: wait for it, however long.
        "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
        "SLOTWISE_LINES": str(options.lines),
        "SLOTWISE_ROTATION_RESERVE": str(reserve_of(options)),
        "SLOTWISE_POLL_INTERVAL_S": str(options.poll_s),
        "SLOTWISE_RECONCILE_INTERVAL_S": str(DEMO_RECONCILE_S),
        "PYTHONUNBUFFERED": "1",
    }


def simulator_options(
    options: DemoOptions, port: int, control_port: int, ledger: Path
) -> tuple[str, ...]:
    """Return the simulator's command line."""
    given = (
        *("--host", "127.0.0.1", "--port", str(port), "--control", str(control_port)),
        *("--positions", str(options.positions), "--lines", str(options.lines)),
        *("--seed", str(options.seed), "--ledger", str(ledger)),
    )
    if options.portfolio is None:
        return given
    return (*given, "--portfolio", str(options.portfolio))
