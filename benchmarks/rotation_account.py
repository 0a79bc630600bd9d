"""What quotes on idle lines came to within a time, by the simulator's ledger and wire log. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from slotwise.errors import SlotwiseError
from tws_simulator.services.market_data.ledger import LedgerEvent


class Account(NamedTuple):
    """Hold a rate by the second, and ages in seconds.

    `ages_s` are those at which quotes were replaced; `oldest_s` is the oldest that any contract's
    quote became, also one that was not replaced until the end.
    """

    rate: float
    takes_s: float
    rejected: int
    ages_s: list[float]
    oldest_s: float


def account(
    ledger: Sequence[LedgerEvent], others: Collection[int], since: float, until: float
) -> Account:
    """Account for the quotes of contracts between two times, unix seconds.

    A contract without a quote counts as quoted when the ledger began. Raises SlotwiseError where
    no quote ended at all.
    """
    began: dict[int, float] = {}
    took: list[float] = []
    asked = rejected = 0
    ended: dict[int, list[float]] = {con_id: [ledger[0].t] for con_id in others if ledger}
    for event in ledger:
        within = since <= event.t < until
        if event.event == "snapshot" and event.con_id in ended:
            began[event.req_id] = event.t
            asked += within
        elif event.event in ("end", "cancel") and event.req_id in began:
            begin = began.pop(event.req_id)
            if within:
                took.append(event.t - begin)
            if event.t < until:
                ended[event.con_id].append(event.t)
        rejected += within and event.event == "reject"
    if not took:
        raise SlotwiseError(f"no quote ended within {until - since:.1f} s")
    ages = [_ages(times, since) for times in ended.values()]
    return Account(
        rate=asked / (until - since),
        takes_s=sum(took) / len(took),
        rejected=rejected,
        ages_s=sorted(age for of_one in ages for age in of_one),
        oldest_s=max(
            max([*of_one, until - times[-1]])
            for of_one, times in zip(ages, ended.values(), strict=True)
        ),
    )


def other_messages(wire_log: Iterable[str], snapshots: float, since: float, until: float) -> float:
    """Give the messages a second that were sent for anything but so many snapshots a second."""
    notes = map(json.loads, wire_log)
    sent = sum(
        since <= note["t"] < until
        for note in notes
        # A message that had to wait is noted again when it is worked off.
        if note.get("dir") == "in"
        and note.get("kind") == "frame"
        and note.get("state") != "released"
    )
    return float(sent / (until - since) - snapshots)


def _ages(ended: Sequence[float], since: float) -> list[float]:
    """Give the ages at which quotes were replaced from a time on."""
    return [b - a for a, b in pairwise(ended) if b >= since]
