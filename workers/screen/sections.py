"""The sections of the screen beside the contracts, each from what is known."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from slotwise.account import masked
from slotwise.bus.status import AGE_BOUNDS_S, GatewayStatus, LandingLine, QueueStatus
from slotwise.formatting import counted, rough_duration
from slotwise.health.checks import Check
from slotwise.health.profit_words import profit_words
from slotwise.reconciliation.report import Break
from workers.screen.facts import LakeFacts, WorkerFacts
from workers.screen.section import Section, cut, folded
from workers.screen.slots import bar, slots_of
from workers.screen.words import clock, of_planned, plain, since

#: Width of a queue age's horizontal bar at most.
AGE_BAR = 40
#: Rows of a list that are shown at most: a screen is no report.
MOST_ROWS = 20
NOT_KNOWN_YET = "not known yet"


def problems(checks: list[Check], width: int) -> Section:
    """List what is not right, what does not work first, each with what to do."""
    wrong = [check for check in checks if check.verdict == "fail"]
    doubtful = [check for check in checks if check.verdict == "warn"]
    rows = [row for check in (*wrong, *doubtful) for row in folded(_problem(check), width)]
    return Section("wrong" if wrong else "note", rows)


def _problem(check: Check) -> Text:
    return Text.assemble(
        (plain(check.name), "bold red" if check.verdict == "fail" else "bold yellow"),
        f": {plain(check.seen).rstrip('.')}",
        (f"; {plain(check.advice)}" if check.advice else "", "dim"),
    )


def lines(status: GatewayStatus, width: int, delayed: int) -> Section:
    """Show what the lines are used for, and draw them as a bar of slots.

    Without a connection there are none; who had one waits for it.
    """
    if status.connected_at is None:
        unseen = sum(leg.state != "seen" for leg in status.legs)
        legs = counted(unseen, "active contract waits", "active contracts wait")
        waits = f": {legs} for it" if unseen else ""
        return Section("lines", [Text(f"none without a connection{waits}; limit {status.limit}")])
    slots = slots_of(status)
    summary = (
        f"{slots.held} held, {len(status.waiting)} waiting, {slots.rotating} rotating, "
        f"{slots.idle} idle, {slots.reserve} in reserve; limit {status.limit}"
    )
    notes = []
    if slots.not_granted:
        notes.append(f"TWS grants {slots.not_granted} less than set")
    if status.full_refusals:
        notes.append(f"{counted(status.full_refusals, 'request')} refused as full")
    if delayed:
        notes.append(f"{counted(delayed, 'quote')} delayed")
    more = [Text(", ".join(notes), "yellow")] if notes else []
    return Section("lines", [Text(summary), *bar(slots, width), *more])


def rotation(status: GatewayStatus) -> Section:
    """Show how old quotes of contracts without a line are."""
    quoted = status.rotation
    if not quoted.contracts:
        return Section("rotation", [Text("nothing is quoted in turn", "dim")])
    parts = [
        counted(quoted.contracts, "contract"),
        f"{quoted.rate_achieved:g} of {quoted.rate_planned:g}/s",
    ]
    for name, ages in (("oldest", quoted.others), ("watchlist", quoted.watched)):
        if ages.worst_s is not None:
            parts.append(f"{name} {of_planned(ages.worst_s, ages.planned_s)}")
    return Section("rotation", [Text(", ".join(parts))])


def profits(status: GatewayStatus) -> Section:
    """Show what IB says accounts have gained, beside what is known here."""
    return Section("profit", [Text(plain(words)) for words in profit_words(status.witness)])


def waiting(status: GatewayStatus) -> Section:
    """List who waits for a line, the next one first, with TWS's reason where it gave one."""
    rows = []
    for place, con_id in enumerate(status.waiting, 1):
        label = status.waiting_labels.get(con_id, "")
        row = Text.assemble(f"{place:>3}  ", (plain(label) or str(con_id), "yellow"))
        if con_id in status.refused:
            row.append(f"  {plain(status.refused[con_id])}", "red")
        rows.append(row)
    return Section("waiting", cut(rows, MOST_ROWS))


def connection(status: GatewayStatus, now: datetime) -> Section:
    """Show how the gateway is connected, and how it was."""
    connected = status.connected_at
    row = Text.assemble((plain(status.session), "green" if connected else "bold red"))
    if connected is not None:
        row.append(f" for {since(connected, now)}")
    if status.detail:
        row.append(f", {plain(status.detail)}", "dim" if connected else "red")
    polled = status.polled_at
    row.append(f"; {counted(status.positions, 'position')}, ")
    row.append(f"polled {since(polled, now)} ago" if polled else "not polled yet")
    row.append(f"; {counted(status.ticks, 'tick')}")
    changes = [row]
    for change in reversed(status.sessions):
        times = f" ({change.times} times)" if change.times > 1 else ""
        reason = f": {plain(change.reason)}" if change.reason else ""
        line = f"{clock(change.at, now)}  {plain(change.state)}{times}{reason}"
        changes.append(Text(line, "dim"))
    return Section("connection", changes)


def queue(status: QueueStatus | None, spooled: int, now: datetime, width: int) -> Section:
    """Show what waits, and for how long."""
    if status is None:
        return Section("queue", [Text("no lake worker has landed in the last minute", "red")])
    batches = counted(status.batches, "batch", "batches")
    # Where nothing waits there is no oldest one.
    is_empty = not status.waiting + status.leased
    oldest = "" if is_empty else f", the oldest {rough_duration(status.oldest_s)}"
    row = Text(
        f"{status.waiting:,} waiting, {status.leased:,} in {batches}{oldest}; "
        f"{counted(status.landing_entries, 'entry', 'entries')} to land"
    )
    if spooled:
        row.append(f", {spooled:,} in the spool")
    if len(status.ages) != len(AGE_BOUNDS_S) + 1:
        return Section("queue", [row])
    return Section("queue", [row, *_bars(status.ages, width)])


def workers(facts: WorkerFacts | None) -> Section:
    """Show the workers, and what each works at."""
    if facts is None or facts.error or not facts.queues:
        return Section("workers", [workers_in_one_row(facts)])
    members = [
        Text(f"{plain(name)} ({plain(', '.join(of))})", "dim")
        for name, of in sorted(facts.queues.items())
    ]
    return Section("workers", [Text(_workers_by_queue(facts)), *cut(members, MOST_ROWS)])


def workers_in_one_row(facts: WorkerFacts | None) -> Text:
    """Count the workers by queue, and name them without the machine they are on."""
    if facts is None:
        return Text(NOT_KNOWN_YET, "dim")
    if facts.error:
        return Text(plain(facts.error), "red")
    if not facts.queues:
        return Text("none answers", "red")
    names = ", ".join(plain(name).partition("@")[0] for name in sorted(facts.queues))
    return Text.assemble(_workers_by_queue(facts), (f": {names}", "dim"))


def _workers_by_queue(facts: WorkerFacts) -> str:
    queues = sorted({name for of in facts.queues.values() for name in of})
    return ", ".join(
        f"{sum(name in of for of in facts.queues.values())} {plain(name)}" for name in queues
    )


def landings(status: QueueStatus | None, now: datetime) -> Section:
    """Show what landed last, the newest first."""
    if status is None:
        return Section("landings", [Text("none in the last minute", "red")])
    newest_first = list(reversed(status.landings)) or [
        LandingLine(at=status.at, rows=status.landed_rows, ms=status.commit_ms)
    ]
    rows = [
        Text(f"{counted(one.rows, 'row')} in {one.ms:.0f} ms {since(one.at, now)} ago")
        for one in newest_first
    ]
    return Section("landings", rows)


def book(facts: LakeFacts | None, now: datetime) -> Section:
    """Show how the last reconciliation ended, and list the breaks that are open."""
    if facts is None:
        return Section("reconciled", [Text(NOT_KNOWN_YET, "dim")])
    if facts.error:
        return Section("reconciled", [Text("the lake cannot be read", "red")])
    report = facts.report
    if report is None:
        head = Text("never yet", "yellow")
    else:
        style = {"matched": "green", "broken": "bold red"}.get(report.status, "yellow")
        found = f"{report.matched:,} matched, {counted(report.breaks, 'break')}"
        head = Text.assemble(
            (plain(report.status), style), f": {found}, {since(report.completed_at, now)} ago"
        )
    head.append(f"; {len(facts.breaks):,} open", "bold red" if facts.breaks else "")
    first = sorted(facts.breaks, key=lambda one: (one.first_found_at, one.symbol, one.account))
    rows = cut([_break(one, now) for one in first], MOST_ROWS - 1)
    return Section("reconciled", [head, *rows])


def _break(one: Break, now: datetime) -> Text:
    kind, cause = one.kind.replace("_", " "), one.cause.replace("_", " ")
    return Text.assemble(
        (plain(one.symbol) or str(one.con_id), "red"),
        f" in {plain(masked(one.account))}: {kind}, {cause}, {one.state}, "
        f"for {since(one.first_found_at, now)}",
    )


def _bars(ages: tuple[int, ...], width: int) -> list[Text]:
    """Draw the ages in a row each, with a bar to scale."""
    most = max(*ages, 1)
    longest = max(min(AGE_BAR, width - 20), 0)
    names = [f"to {rough_duration(bound)}" for bound in AGE_BOUNDS_S] + ["older"]
    rows = []
    for name, count in zip(names, ages, strict=True):
        length = -(-longest * count // most)
        rows.append(
            Text.assemble((f"{name:<8} ", "dim"), f"{count:>7,} ", ("█" * length, "magenta"))
        )
    return rows
