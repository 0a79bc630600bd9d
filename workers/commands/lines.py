"""`slotwise lines` and `slotwise why`: who holds a line, who waits, and what for."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer
from msgspec.structs import replace

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, WhyAsked
from slotwise.bus.replies import Answers
from slotwise.bus.status import (
    GatewayStatus,
    LegStatus,
    QuoteAges,
    SettleStatus,
    StatusBoard,
    Why,
)
from slotwise.bus.witness_status import WitnessStatus
from slotwise.errors import NoSystemError, NotKnownError
from slotwise.formatting import counted
from slotwise.health.profit_words import profit_words
from slotwise.health.verdict.rules_system import GATEWAY_SILENT_S
from slotwise.health.verdict.words import duration_words
from slotwise.leg import Leg, read_leg
from workers.commands.common import AsJson, open_bus
from workers.commands.contract_named import live_contract, recorded_contract
from workers.commands.gaps import say_gaps
from workers.commands.output import PlainTable, console, say, say_json

#: The gateway answers within milliseconds; a busy machine takes longer, seconds.
ANSWER_S = 3.0
#: States of a leg that no further line would end.
NO_MATTER_OF_LINES = frozenset(("expired", "refused", "unknown"))
NO_GATEWAY = "no gateway runs on this Redis: start one with slotwise gateway or slotwise up"


def lines(
    contract: Annotated[
        list[str] | None,
        typer.Argument(help="Only of this symbol, id, or words as SPY 20261218 P 560."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who holds a line, who waits, and what the rotation promises.

    Example: slotwise lines SPY
    """
    wanted = read_leg(" ".join(contract)) if contract else None
    with open_bus() as bus:
        status, age_s = StatusBoard(bus).get_with_age(GatewayStatus)
    if status is None:
        raise NoSystemError(NO_GATEWAY)
    # Places are those among all that wait, also where only some contracts are shown.
    places = {con_id: place for place, con_id in enumerate(_waiting(status), 1)}
    if wanted is not None:
        status = status_of(status, wanted)
    if as_json:
        say_json(_as_data(status))
    else:
        _print(status, places, "" if wanted is None else f"{wanted.label}: ")
    if age_s is not None and age_s > GATEWAY_SILENT_S:
        raise NoSystemError(f"{_silent(age_s)}; what is shown is of then")


def _print(status: GatewayStatus, places: Mapping[int, int], begin: str) -> None:
    out = console()
    waiting = _waiting(status)
    waits = f"{len(waiting)} waiting"
    if without := len(status.waiting) - len(waiting):
        waits += f", {counted(without, 'contract gets', 'contracts get')} no data"
    if status.connected_at is None:
        waits = f"{sum(leg.state != 'seen' for leg in status.legs)} waiting for the connection"
    session = f"{status.session}: {status.detail}" if status.detail else status.session
    left = f" ({status.kept_for_quotes} left to quotes in turn)" if status.kept_for_quotes else ""
    out.print(
        f"{begin}{len(status.lines)} of {status.limit} lines held{left}, {waits};"
        f" session with TWS: {session}"
    )
    table = PlainTable("contract id", "contract", "strategy", "state")
    for cells in _rows(status):
        table.add_row(*cells)
    out.print(table)
    labels = _labels(status)
    for con_id in waiting:
        named = f"{con_id} {labels.get(con_id, '')}".rstrip()
        reason = f": {status.refused[con_id]}" if con_id in status.refused else ""
        out.print(f"waits, place {places[con_id]}: {named}{reason}")
    rotation = status.rotation
    if rotation.contracts:
        out.print(
            f"rotation: {counted(rotation.contracts, 'contract')},"
            f" {rotation.rate_achieved:g} quotes/s of {rotation.rate_planned:g} planned;"
            f" {rotation.resting} rest"
        )
        for name, ages in (("watchlist", rotation.watched), ("others", rotation.others)):
            if ages.contracts:
                out.print(f"  {name}: {_ages(ages)}")
        for settled in rotation.settle:
            out.print(f"  {settle_words(settled)}")
    for words in (*witness_words(status.witness), *profit_words(status.witness)):
        out.print(words)


def witness_words(witness: WitnessStatus) -> Iterator[str]:
    """Yield what IB's own marks say of ours; nothing where they are not asked for."""
    if not witness.asked:
        return
    if witness.trouble:
        yield f"marks of IB: none come: {witness.trouble}"
        return
    found = ", ".join(f"{count} {cause}" for cause, count in witness.found.items()) or "none"
    yield (
        f"marks of IB: {witness.compared:,} compared, {witness.standing} disagree now;"
        f" found since the start: {found}"
    )
    for one in witness.shown:
        ours = "none" if one.ours is None else f"{one.ours:.6g} +- {one.band or 0.0:.2g}"
        yield f"  {one.label}: {one.cause}; IB says {one.theirs:.6g}, the mark is {ours}"


def settle_words(settled: SettleStatus) -> str:
    """Describe how long quotes of a kind took by one of the ways."""
    last = f", {settled.last} came last mostly" if settled.last else ""
    took = f"{settled.median_s:.2f} s, 95% within {settled.p95_s:.2f} s{last}"
    share = f"{settled.complete:.0%} of {counted(settled.quotes, 'quote')} complete"
    return f"{settled.kind} by {settled.way}: {took}; {share}"


def why(
    contract: Annotated[
        list[str], typer.Argument(help="A contract: its id, symbol, or SPY 20261218 P 560.")
    ],
    gaps: Annotated[
        bool, typer.Option("--gaps", help="List when it was not seen, from the lake.")
    ] = False,
    blind: Annotated[bool, typer.Option("--blind", hidden=True)] = False,
    as_json: AsJson = False,
) -> None:
    """Show why a contract holds a line, waits for one, or has none; or when it was not seen.

    Example: slotwise why SPY 20261218 P 560 --gaps
    """
    named = " ".join(contract)
    # `--blind` is what `--gaps` was called before.
    if gaps or blind:
        say_gaps(recorded_contract(named), as_json)
        return
    with open_bus() as bus:
        answer = ask_why(live_contract(named, bus), bus)
        status = StatusBoard(bus).get(GatewayStatus)
    if as_json:
        say_json(answer)
        return
    for line in why_lines(answer, status):
        say(line)


def ask_why(con_id: int, bus: Bus) -> Why:
    """Return the gateway's answer; raises NoSystemError where none comes, and BusError."""
    question = secrets.token_hex(8)
    Commands(bus).send(WhyAsked(question, con_id))
    answer = Answers(bus).fetch(question, Why, ANSWER_S)
    if answer is None:
        _, age_s = StatusBoard(bus).get_with_age(GatewayStatus)
        raise NoSystemError(NO_GATEWAY if age_s is None else _silent(age_s))
    return answer


def why_lines(answer: Why, status: GatewayStatus | None) -> list[str]:
    """Write an answer as lines of text."""
    title = f"{answer.con_id} {answer.label}".rstrip()
    owners = f" ({', '.join(answer.strategies)})" if answer.strategies else ""
    lines = [f"{title}: {answer.state}{owners}"]
    lines += [f"  {detail}" for detail in answer.details]
    if status is not None and status.connected_at is None:
        lines.append("  no connection to TWS: nothing is quoted until it is back")
    return lines


def status_of(status: GatewayStatus, wanted: Leg) -> GatewayStatus:
    """Return a status with the lines of the contracts that a leg names.

    A bare symbol names its options and futures too. Raises NotKnownError where there are none.
    """
    labels = _labels(status)
    bare = Leg(symbol=wanted.symbol)
    found = {
        con_id
        for con_id, label in labels.items()
        if con_id == wanted.con_id
        or label == wanted.label
        or (wanted == bare and label.split(" ")[0] == wanted.symbol)
    }
    if not found:
        raise NotKnownError(f"no line is held or wanted for {wanted.label!r}")
    return replace(
        status,
        lines={con_id: line for con_id, line in status.lines.items() if con_id in found},
        legs=tuple(leg for leg in status.legs if leg.con_id in found),
        waiting=[con_id for con_id in status.waiting if con_id in found],
    )


def _labels(status: GatewayStatus) -> dict[int, str]:
    """Return the label of each contract that holds or waits for a line, or is in a strategy."""
    labels = dict(status.waiting_labels)
    labels |= {leg.con_id: leg.label for leg in status.legs}
    return labels | {con_id: label for con_id, (label, _) in status.lines.items()}


def _silent(age_s: float) -> str:
    """Return the words for a gateway that runs and does not publish."""
    return f"the gateway has been silent for {duration_words(age_s)}: its log may have the reason"


def _rows(status: GatewayStatus) -> list[tuple[str, str, str, str]]:
    """Return a row for each contract with a line or in a strategy, with its state in words."""
    legs = {leg.con_id: leg for leg in status.legs}
    rows = []
    for con_id, (label, strategy) in status.lines.items():
        leg = legs.pop(con_id, None)
        rows.append((str(con_id), label, strategy, _state(leg, status)))
    for con_id, leg in legs.items():
        strategy = next(iter(leg.strategies), "")
        rows.append((str(con_id), leg.label, strategy, _state(leg, status)))
    return rows


def _waiting(status: GatewayStatus) -> list[int]:
    """Return the contracts that wait for a line, the next first; none without a connection."""
    if status.connected_at is None:
        return []
    no_matter = {leg.con_id for leg in status.legs if leg.state in NO_MATTER_OF_LINES}
    return [con_id for con_id in status.waiting if con_id not in no_matter]


def _state(leg: LegStatus | None, status: GatewayStatus) -> str:
    if leg is None or leg.state == "seen":
        return "holds a line"
    if status.connected_at is None:
        return "waits for the connection"
    since = f" since {leg.since:%H:%M:%S} UTC" if leg.since is not None else ""
    reason = f": {leg.reason}" if leg.reason else ""
    return f"{leg.state}{since}{reason}"


def _as_data(status: GatewayStatus) -> dict[str, object]:
    labels = _labels(status)
    return {
        "session": status.session,
        "limit": status.limit,
        "kept_for_quotes": status.kept_for_quotes,
        "held": [
            {"con_id": con_id, "label": label, "strategy": strategy}
            for con_id, (label, strategy) in status.lines.items()
        ],
        "waiting": status.waiting,
        "waiting_labels": {str(con_id): labels.get(con_id, "") for con_id in status.waiting},
        "refused": {str(con_id): reason for con_id, reason in status.refused.items()},
        "legs": status.legs,
        "rotation": status.rotation,
        "witness": status.witness,
    }


def _ages(ages: QuoteAges) -> str:
    return (
        f"{counted(ages.contracts, 'contract')}, oldest quote {_seconds(ages.worst_s)} of "
        f"{_seconds(ages.planned_s)} planned, {ages.never_quoted} not quoted yet"
    )


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} s"
