"""A trader asks for the past: the lake's answer is what the broker held, at any moment."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.arrow import to_batch
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.maintenance import maintain
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.position import Position
from slotwise.rules.landing import Rows
from slotwise.rules.valuation import position_row
from tests.support.effort import EFFORT
from tests.walks.running_stack import RunningStack, as_json, running_stack
from workers.stack.child import wait_until

#: Moments that are asked for, of a lake as landings leave it and after it was maintained: each
#: question of the first reads a file for each landing, so that all five hundred are for effort.
AS_LANDED, MAINTAINED = (50, 450) if EFFORT in os.environ else (15, 135)
#: Trades, a second apart; each is pushed by TWS at once, and polled.
TRADES = 8
Held = dict[int, Decimal]


def test_the_lake_answers_what_the_broker_held_at_many_moments(tmp_path: Path) -> None:
    """The simulator's commands and its holdings, between each trade and the next.

    A trade and its observation are some milliseconds apart, so moments in between are not asked
    for. Maintenance, as it is done when a day is over, changes no answer. A correction, observed
    earlier and landed late, changes the past from its time on, and not what was known before.
    """
    # Quotes in turn are nothing of the past, and take most of a gateway's CPU.
    without_quotes = {"SLOTWISE_ROTATION": "false"}
    unneeded = frozenset({"flower", "monitor"})
    with running_stack(tmp_path, positions=40, more_env=without_quotes, without=unneeded) as stack:
        stack.eventually(lambda: len(held_now(stack)) == 40, 60, "the first rows landed")
        reported: list[tuple[datetime, datetime, Held]] = []
        book = board_of(stack)
        contracts = sorted(book)
        since = datetime.now(UTC)
        for number in range(TRADES):
            con_id, quantity = contracts[number], Decimal(number % 4)
            reported.append((since, datetime.now(UTC), dict(book)))
            stack.control({"do": "position", "con_id": con_id, "quantity": int(quantity)})
            book = {**book, con_id: quantity}
            book = {key: value for key, value in book.items() if value}
            assert wait_until(partial(holds, stack, dict(book)), 60, step_s=0.5)
            since = datetime.now(UTC)
        reported.append((since, datetime.now(UTC), dict(book)))
        # All has been told; what streams from here on would only make each question slower.
        stack.children.stop("gateway")

        chance = random.Random(1)

        def ask(moments: int) -> None:
            for _ in range(moments):
                begin, end, portfolio = chance.choice(reported)
                at = begin + (end - begin) * chance.random()
                assert held_at(stack, at) == portfolio, at

        ask(AS_LANDED)
        maintain(Lake(str(stack.lake)), datetime.now(UTC).date() + timedelta(days=1))
        ask(MAINTAINED)

        begin, end, portfolio = reported[3]
        corrected = contracts[20]
        before = datetime.now(UTC)
        # A landing is of the time when it began: one that is under way may take what comes next.
        time.sleep(3.0)
        land_late(stack, corrected, Decimal(77), begin + (end - begin) / 2)
        stack.eventually(
            lambda: held_at(stack, end).get(corrected) == 77, 30, "the correction landed"
        )
        assert held_at(stack, begin) == portfolio
        assert held_at(stack, end, before) == portfolio
        assert held_at(stack, reported[-1][1]) == book, "news observed later stands above it"

        at = (begin + timedelta(seconds=0)).isoformat()
        asked = as_json(stack.slotwise("positions", "--as-of", at, "--json"))
        assert {row["con_id"]: Decimal(row["quantity"]) for row in asked} == portfolio
        diff = as_json(
            stack.slotwise(
                "positions",
                "--diff",
                reported[0][1].isoformat(),
                reported[1][1].isoformat(),
                "--json",
            )
        )
        assert [(one["con_id"], one["what"]) for one in diff] == [(contracts[0], "closed")]
        past = stack.slotwise("history", str(contracts[0]), "--plot", str(tmp_path / "past.svg"))
        assert past.returncode == 0, past.stderr
        assert " 0 at " in past.stdout
        assert (tmp_path / "past.svg").read_text().startswith("<svg")


def board_of(stack: RunningStack) -> Held:
    """Give what the broker holds, by its newest snapshot."""
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    return {p.contract.con_id: p.quantity for p in board[1]}


def held_at(stack: RunningStack, at: datetime, known: datetime | None = None) -> Held:
    rows = positions_as_of(str(stack.lake), at, known).to_pylist()
    return {row["con_id"]: row["quantity"] for row in rows}


def holds(stack: RunningStack, wanted: Held) -> bool:
    return held_now(stack) == wanted


def held_now(stack: RunningStack) -> Held:
    if not (stack.lake / "position_updates" / "_delta_log").exists():
        return {}
    return held_at(stack, datetime.now(UTC))


def land_late(stack: RunningStack, con_id: int, quantity: Decimal, observed_at: datetime) -> None:
    """Land a row that was observed earlier, through the landing stream as any sender would."""
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    known = next(p for p in board[1] if p.contract.con_id == con_id)
    late = Position(
        account=known.account,
        contract=known.contract,
        quantity=quantity,
        avg_cost=known.avg_cost,
        observed_at=observed_at,
    )
    row = position_row(late, None, source="heal")
    LandingStream(stack.bus).append(
        Rows("position_updates"), to_batch([row], POSITION_UPDATES.sent)
    )
