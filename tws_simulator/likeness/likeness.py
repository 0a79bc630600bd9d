"""Likeness: how a TWS behaved that was probed, and what that means for a simulator. Pure.

| fact of the probe                         | the simulator                                       |
|-------------------------------------------|-----------------------------------------------------|
| `server_version`                          | answers with it, within what it can speak           |
| `lines_usable`                            | has so many lines                                   |
| `lines_with_account_updates`              | account updates cost the difference                 |
| `lines_with_N_profits`                    | each subscription to profits costs its share        |
| `positions`                               | holds so many, where no portfolio file is given     |
| `positions` not available, with 321       | refuses requests for positions                      |
| `login` not logged in                     | names no account, and gives no positions            |
| `stream_*`, `snapshot_*` of a kind        | quotes of the kind settle in such times             |
| `data_KIND_EXCHANGE`: none, delayed       | refuses live data of the kind there with 354, 10089 |
| the same: competing                       | another session has the data                        |

What the probe did not find out stays as the other options say. What is not in the table (notices,
the order of first messages, hours, magnifiers) is not followed: a recording has it, `--replay`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tws_simulator.book.default_book import MAX_POSITIONS
from tws_simulator.config import MAX_SERVER_VERSION, MIN_SERVER_VERSION, SimulatorConfig
from tws_simulator.errors import UsageError
from tws_simulator.services.market_data.settle import Spread

#: Subscriptions to profits that a probe opens together.
PROFITS = (20, 50, 120)
#: What live data is refused with, by what a probe found: 354 leaves no delayed data, 10089 does.
REFUSALS = {"none": 354, "delayed": 10089}
#: TWS's words for an API that may not read.
READ_ONLY = "321"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Hold what is followed; None and empty where the probe does not say."""

    server_version: int | None = None
    lines: int | None = None
    positions: int | None = None
    account_updates_cost: int = 0
    profit_cost: float = 0.0
    #: Median and 95 % of times, by the probe's names of them.
    times: Mapping[str, Spread] = field(default_factory=dict)
    commands: tuple[Mapping[str, Any], ...] = ()

    def applied_to(self, config: SimulatorConfig) -> SimulatorConfig:
        """Return options that follow the probe wherever it has a value."""
        known = {
            name: value
            for name in ("server_version", "lines", "positions")
            if (value := getattr(self, name)) is not None
        }
        return replace(
            config,
            **known,
            account_updates_cost=self.account_updates_cost,
            profit_cost=self.profit_cost,
            times=self.times,
            settle="measured",
            commands=(*(json.dumps(command) for command in self.commands), *config.commands),
        )


def likeness_of(facts: Mapping[str, Any]) -> Likeness:
    """Return what facts by name mean; raises UsageError for a value that makes no sense."""
    lines = _whole(facts, "lines_usable")
    beside = _whole(facts, "lines_with_account_updates")
    version, positions = _whole(facts, "server_version"), None
    if not isinstance(facts.get("positions"), str):
        positions = _whole(facts, "positions")
    return Likeness(
        server_version=version
        if version is None
        else min(max(version, MIN_SERVER_VERSION), MAX_SERVER_VERSION),
        lines=lines,
        positions=positions if positions is None else min(positions, MAX_POSITIONS),
        account_updates_cost=_cost(lines, beside),
        profit_cost=_profit_cost(facts, lines),
        times={
            name: _spread(name, value)
            for name, value in facts.items()
            if name.startswith(("stream_", "snapshot_"))
        },
        commands=tuple(_commands(facts)),
    )


def _commands(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "not logged in" in str(facts.get("login", "")):
        return [{"do": "late_accounts", "managed": "empty"}]
    commands: list[dict[str, Any]] = []
    if isinstance(facts.get("positions"), str) and READ_ONLY in facts["positions"]:
        commands.append({"do": "position_answers", "mode": "readonly"})
    data = {name: value for name, value in facts.items() if name.startswith("data_")}
    if "competing" in data.values():
        commands.append({"do": "competing", "on": 1})
    for name, value in data.items():
        if value in REFUSALS:
            _, kind, exchange = name.split("_", 2)
            denied = {"do": "deny_data", "sec_type": kind, "code": REFUSALS[value]}
            commands.append(denied | ({"exchange": exchange} if exchange != "?" else {}))
    return commands


def _whole(facts: Mapping[str, Any], name: str) -> int | None:
    value = facts.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError(f"--like: {name} is {value!r}, and is to be a whole number")
    return value


def _spread(name: str, value: Any) -> Spread:
    try:
        spread = Spread(float(value["median_s"]), float(value["p95_s"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"--like: {name} has no median_s and p95_s") from error
    if not 0 <= spread.median_s <= spread.p95_s:
        raise UsageError(f"--like: {name}: its median is not between 0 and its 95 %")
    return spread


def _cost(alone: int | None, beside: int | None) -> int:
    """Return how many lines are fewer; 0 where one of both is not known."""
    return 0 if alone is None or beside is None else max(alone - beside, 0)


def _profit_cost(facts: Mapping[str, Any], lines: int | None) -> float:
    """Return the lines that each subscription to profits costs, by the largest number tried."""
    for count in reversed(PROFITS):
        beside = _whole(facts, f"lines_with_{count}_profits")
        if beside is not None:
            return _cost(lines, beside) / count
    return 0.0
