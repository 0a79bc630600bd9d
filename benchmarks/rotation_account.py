"""What quotes on idle lines came to within a time, by the simulator's ledger and wire log. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from slotwise.errors import SlotwiseError
from tws_simulator.services.market_data.ledger import LedgerEvent

#: A quote by a snapshot, or by a stream that is cancelled once it has sent enough.
Way: TypeAlias = Literal["snapshot", "stream"]
WAYS: dict[str, Way] = {"snapshot": "snapshot", "open": "stream"}


class Took(NamedTuple):
    """Hold how long a contract's quote held its line, seconds."""

    con_id: int
    way: Way
    seconds: float


class Account(NamedTuple):
    """Hold a rate by the second, what quotes took, and ages in seconds.

    `messages` are those of quotes by the second. `ages_s` are those at which quotes were replaced;
    `oldest_s` is the oldest that any contract's quote became, also one that was not replaced until
    the end.
    """

    rate: float
    messages: float
    took: list[Took]
    rejected: int
    ages_s: list[float]
    oldest_s: float

    @property
    def takes_s(self) -> float:
        """Return how long a quote took, on average."""
        return sum(one.seconds for one in self.took) / len(self.took)


def account(
    ledger: Sequence[LedgerEvent],
    others: Collection[int],
    since: float,
    until: float,
    *,
    but: Collection[int] = (),
) -> Account:
    """Account for the quotes between two times, unix seconds: of all contracts `but` these.

    Ages are those of the `others`; one without a quote counts as quoted when the ledger began.
    Raises SlotwiseError where no quote ended at all.
    """
    began: dict[int, LedgerEvent] = {}
    took: list[Took] = []
    asked = messages = rejected = 0
    ended: dict[int, list[float]] = {con_id: [ledger[0].t] for con_id in others if ledger}
    for event in ledger:
        within = since <= event.t < until
        if event.event in WAYS and event.con_id not in but:
            began[event.req_id] = event
            asked += within
            messages += within
        elif event.event in ("end", "cancel") and event.req_id in began:
            begin = began.pop(event.req_id)
            if within:
                took.append(Took(event.con_id, WAYS[begin.event], event.t - begin.t))
                messages += event.event == "cancel"
            if event.t < until and event.con_id in ended:
                ended[event.con_id].append(event.t)
        rejected += within and event.event == "reject"
    if not took:
        raise SlotwiseError(f"no quote ended within {until - since:.1f} s")
    ages = [_ages(times, since) for times in ended.values()]
    return Account(
        rate=asked / (until - since),
        messages=messages / (until - since),
        took=took,
        rejected=rejected,
        ages_s=sorted(age for of_one in ages for age in of_one),
        oldest_s=max(
            max([*of_one, until - times[-1]])
            for of_one, times in zip(ages, ended.values(), strict=True)
        ),
    )


def other_messages(wire_log: Iterable[str], quotes: float, since: float, until: float) -> float:
    """Return the messages a second that were sent, less `quotes` a second of quotes."""
    notes = map(json.loads, wire_log)
    sent = sum(
        since <= note["t"] < until
        for note in notes
        # A message that had to wait is noted again when it is worked off.
        if note.get("dir") == "in"
        and note.get("kind") == "frame"
        and note.get("state") != "released"
    )
    return float(sent / (until - since) - quotes)


def _ages(ended: Sequence[float], since: float) -> list[float]:
    """Return the ages at which quotes were replaced from a time on."""
    return [b - a for a, b in pairwise(ended) if b >= since]
