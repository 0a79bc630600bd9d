"""What a probe does, step by step; each returns facts and leaves no line open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, request_contract
from slotwise.errors import BrokerTimeoutError, RequestRefusedError
from slotwise.formatting import counted
from slotwise.position import Position
from workers.gateway.position_answer import PositionAnswer
from workers.probe.account_requests import account_updates, single_profits
from workers.probe.fact import Fact, spread, unknown
from workers.probe.sample import to_look_up, to_snapshot, to_stream
from workers.probe.session import ProbeSession
from workers.probe.summary import is_denied, position_fact, quote_facts
from workers.probe.timing import quoted

#: Polls of positions.
POLLS = 3
#: A poll of more than this many times the first one's time counts as paced.
PACED = 3.0
#: Lines beyond this are not looked for: no account has more without boosters for thousands.
MOST_LINES = 400
#: Subscriptions to profit and loss of single holdings, tried one after another.
PROFITS = (20, 50, 120)


async def probe_positions(session: ProbeSession) -> tuple[list[Fact], PositionAnswer]:
    """Poll positions a few times: how many, how long, and whether often is too often.

    The answer that is returned is the one with the most holdings: another may lack some.
    """
    took: list[float] = []
    answers: list[PositionAnswer] = []
    for number in range(POLLS):
        if number:
            await session.wait(session.times.poll_s)
        await session.pace()
        asked = time.monotonic()
        answers.append(await session.broker.positions())
        took.append(time.monotonic() - asked)
    paced = took[-1] > max(PACED * took[0], took[0] + 1.0)
    return [
        position_fact([(holdings(each), each.remarks) for each in answers]),
        Fact("poll", f"a poll takes {took[0]:.2f} s at first", spread(took), "measured", POLLS),
        Fact(
            "polls_paced",
            f"polls every {session.times.poll_s:g} s are answered "
            + ("later than the first" if paced else "as the first"),
            paced,
            "measured",
            POLLS,
        ),
    ], max(answers, key=holdings)


async def probe_details(
    session: ProbeSession, positions: Sequence[Position]
) -> tuple[list[ContractDetails], int]:
    """Look up some of what is held; return details, and how many were refused."""
    found: list[ContractDetails] = []
    refused = 0
    for con_id in to_look_up(positions):
        await session.pace()
        try:
            found.append(await session.broker.details(con_id))
        except (RequestRefusedError, BrokerTimeoutError):
            refused += 1
    return found, refused


def requestable(
    positions: Sequence[Position], details: Sequence[ContractDetails]
) -> dict[int, Contract]:
    """Return contracts that market data can be asked of, by id."""
    held = {position.contract.con_id: position.contract for position in positions}
    return {
        one.contract.con_id: request_contract(held.get(one.contract.con_id), one) for one in details
    }


async def probe_quotes(session: ProbeSession, contracts: dict[int, Contract]) -> list[Fact]:
    """Stream a few contracts of each kind and place, then take a few as snapshots."""
    before = len(session.frames)
    for contract in to_stream(contracts.values()):
        await session.open_line(contract)
    await session.wait(session.times.stream_s)
    await session.close_lines()
    for contract in to_snapshot(contracts.values()):
        await session.pace()
        try:
            await session.broker.snapshot_quote(contract, session.times.snapshot_s)
        except RequestRefusedError:
            continue
    asked, times = quoted(session.frames[before:]), session.times
    return quote_facts(asked, contracts, times.stream_s, times.snapshot_s)


def holdings(positions: Sequence[Position]) -> int:
    """Count what is held: an answer has rows of quantity 0 as well."""
    return sum(position.quantity != 0 for position in positions)


async def count_lines(session: ProbeSession, contracts: Sequence[Contract]) -> tuple[int, bool]:
    """Open lines until TWS refuses one as too many; return how many it held, and whether it did."""
    session.refused.clear()
    full, before = False, len(session.frames)
    for contract in contracts[:MOST_LINES]:
        await session.open_line(contract)
        full = any(refusal.full for refusal in session.refused.values())
        if full:
            break
    # TWS has read every request once it answers this; its refusals come a moment later.
    await session.broker.ping()
    await session.wait(session.times.refusal_s)
    full = any(refusal.full for refusal in session.refused.values())
    # A contract that the account may not see is refused by the broker only when nothing came for
    # seconds; TWS has reported that already.
    denied = {one.con_id for one in quoted(session.frames[before:]) if is_denied(one)}
    held = session.held_but(denied)
    await session.close_lines()
    await session.wait(session.times.refusal_s)
    return held, full


async def probe_lines(
    session: ProbeSession,
    contracts: Sequence[Contract],
    account: str,
    holdings: Sequence[tuple[str, int]],
) -> list[Fact]:
    """Find how many lines are usable: alone, with account updates, with profits of holdings."""
    alone, full = await count_lines(session, contracts)
    if not full:
        lines = counted(alone, "line was", "lines were")
        why = f"{lines} open at once and none was refused: too few contracts to find it"
        return [unknown("lines_usable", why)]
    facts = [Fact("lines_usable", f"{counted(alone, 'line')} at once, then error 101", alone)]
    async with account_updates(session, account):
        facts.append(_cost("account_updates", alone, (await count_lines(session, contracts))[0]))
    for count in PROFITS:
        if count > len(holdings):
            facts.append(
                unknown(
                    f"lines_with_{count}_profits",
                    f"only {counted(len(holdings), 'holding is', 'holdings are')} there",
                )
            )
            continue
        async with single_profits(session, holdings[:count]):
            facts.append(
                _cost(f"{count}_profits", alone, (await count_lines(session, contracts))[0])
            )
    return facts


def _cost(what: str, alone: int, beside: int) -> Fact:
    words = "as many as without" if beside == alone else f"{alone - beside} fewer than without"
    text = f"{counted(beside, 'line')} beside {what.replace('_', ' ')}: {words}"
    return Fact(f"lines_with_{what}", text, beside)


async def probe_marks(session: ProbeSession, account: str, until: float) -> list[Fact]:
    """Wait for IB's own marks of an account until `until` at most, monotonic seconds."""
    before = len(session.frames)
    seconds = min(session.times.marks_s, until - time.monotonic())
    if seconds <= 0:
        return [unknown("account_marks", "no time was left")]
    async with account_updates(session, account):
        await session.wait(seconds)
    times: dict[str, list[float]] = {}
    for frame in session.frames[before:]:
        if frame.sender == "tws" and frame.kind == 7 and len(frame.fields) > 2:
            times.setdefault(frame.fields[2], []).append(frame.t)
    gaps = [b - a for seen in times.values() for a, b in pairwise(seen)]
    if not times:
        return [unknown("account_marks", f"none came within {seconds:.0f} s")]
    facts = [
        Fact(
            "account_marks",
            f"IB's marks of {counted(len(times), 'holding')} came",
            len(times),
            "measured",
        )
    ]
    if gaps:
        found = spread(gaps)
        facts.append(
            Fact(
                "account_marks_interval",
                f"a holding's mark comes every {found['median_s']:g} s",
                found,
                "measured",
                len(gaps),
            )
        )
    else:
        facts.append(unknown("account_marks_interval", f"no second one within {seconds:.0f} s"))
    return facts
