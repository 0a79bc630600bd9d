"""The queue against a model that is as simple as can be."""

from __future__ import annotations

import copy
import itertools
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from slotwise.rules.position_queue import Attempt, Batch, NewItem, PositionQueue, QueueRow
from tests.support.effort import examples
from tests.support.values import ACCOUNT, NOON, at

FAR = at(10**9)


FINAL = ("succeeded", "failed", "closed")


contracts = st.integers(1, 6)


priorities = st.integers(1, 3)


#: Time that passes before something happens, seconds.
pauses = st.integers(0, 15)


def everything(queue: PositionQueue) -> list[QueueRow]:
    """Return all the state of a queue, by what a copy of it would still do."""
    twin = copy.deepcopy(queue)
    twin.get_batches([f"probe-{number:02d}" for number in range(20)], FAR, 0.0, size=1)
    twin.release(twin.overdue(FAR), FAR)
    return sorted(twin.take_rows(), key=lambda row: (row.item_id, row.revision))


@dataclass
class Item:
    """The model's state of one item."""

    item_id: str
    con_id: int
    priority: int
    inserted_at: datetime
    attempts: int = 0
    leased_to: str = ""
    last_batch: str = ""
    ended: str = ""


class QueueMachine(RuleBasedStateMachine):
    """Do anything to a queue, and to a model that is too simple to be wrong."""

    @initialize(
        max_attempts=st.integers(1, 3),
        wanted=st.lists(st.tuples(contracts, priorities), min_size=1, max_size=6),
    )
    def start(self, max_attempts: int, wanted: list[tuple[int, int]]) -> None:
        self.max_attempts = max_attempts
        self.queue = PositionQueue(max_attempts)
        self.now = NOON
        self.numbers = itertools.count(9999, -1)  # so that age and name disagree
        self.items: dict[str, Item] = {}
        self.batches: list[Batch] = []
        self.history: list[QueueRow] = []
        self.put_back_ids = Counter[str]()
        self.insert(0, wanted)

    def pending(self) -> list[Item]:
        return [known for known in self.items.values() if not known.ended]

    @rule(seconds=pauses, wanted=st.lists(st.tuples(contracts, priorities), min_size=1, max_size=6))
    def insert(self, seconds: int, wanted: list[tuple[int, int]]) -> None:
        self.now += timedelta(seconds=seconds)
        new = [
            NewItem(f"i{next(self.numbers):04d}", ACCOUNT, con_id, priority)
            for con_id, priority in wanted
        ]
        expected = 0
        for asked in new:
            waiting = [known for known in self.pending() if known.con_id == asked.con_id]
            if waiting:
                waiting[0].priority = min(waiting[0].priority, asked.priority)
            else:
                self.items[asked.item_id] = Item(
                    asked.item_id, asked.con_id, asked.priority, self.now
                )
                expected += 1
        assert self.queue.insert(new, self.now) == expected

    @rule(count=st.integers(1, 3), size=st.integers(1, 3), lease_s=st.integers(1, 20))
    def lease(self, count: int, size: int, lease_s: int) -> None:
        ids = [f"b{len(self.batches) + number:03d}" for number in range(count)]
        waiting = sorted(
            (known for known in self.pending() if not known.leased_to),
            key=lambda known: (known.priority, known.inserted_at, known.item_id),
        )
        given = self.queue.get_batches(ids, self.now, lease_s, size)
        assert [one.item_id for batch in given for one in batch.items] == [
            known.item_id for known in waiting[: count * size]
        ], "priority first, then the longest wait"
        assert all(len(batch.items) <= size for batch in given)
        for batch in given:
            for one in batch.items:
                known = self.items[one.item_id]
                known.attempts += 1
                known.leased_to = known.last_batch = batch.batch_id
        self.batches += given

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def lease_again(self, data: st.DataObject) -> None:
        """Replay a lease that was given before: nothing changes.

        Only an item that waits after a later lease would be leased again, and that one's entry
        is read before another lease is given.
        """
        batch = data.draw(st.sampled_from(self.batches))
        of_batch = [self.items[one.item_id] for one in batch.items]
        if all(
            known.ended or known.leased_to or known.last_batch == batch.batch_id
            for known in of_batch
        ):
            before = everything(self.queue)
            self.queue.lease(batch)
            assert everything(self.queue) == before

    @rule(seconds=pauses, data=st.data())
    def release(self, seconds: int, data: st.DataObject) -> None:
        """Leases run out, of batches that a worker had begun and of others."""
        self.now += timedelta(seconds=seconds)
        overdue = self.queue.overdue(self.now)
        expected = {
            (known.item_id, known.leased_to)
            for known in self.pending()
            if known.leased_to and self.until(known.leased_to) <= self.now
        }
        assert set(overdue) == expected
        of = sorted({batch_id for _, batch_id in overdue})
        untouched = data.draw(st.sets(st.sampled_from(of))) if of else set()
        for item_id, batch_id in overdue:
            if batch_id in untouched:
                self.forgive(self.items[item_id])
            else:
                self.fail(self.items[item_id])
        self.queue.release(overdue, self.now, untouched)

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        batch, chosen = self.draw_answer(data)
        accepted = self.queue.mark_success(chosen, self.attempt(batch))
        assert accepted == {item_id for item_id in chosen if not self.items[item_id].ended}
        for item_id in accepted:
            self.items[item_id].ended = "succeeded"

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        """Holdings of a batch are closed meanwhile."""
        batch, chosen = self.draw_answer(data)
        self.queue.mark_closed(chosen, self.attempt(batch))
        for item_id in chosen:
            self.items[item_id].ended = self.items[item_id].ended or "closed"

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), tried=st.booleans())
    def fail_some(self, data: st.DataObject, tried: bool) -> None:
        batch, chosen = self.draw_answer(data)
        failing = [
            known
            for known in (self.items[item_id] for item_id in chosen)
            if not known.ended and known.leased_to == batch.batch_id
        ]
        before = everything(self.queue)
        failures = [(item_id, "no") for item_id in chosen]
        self.queue.mark_failed(failures, self.attempt(batch), tried=tried)
        for known in failing:
            if tried:
                self.fail(known)
            else:
                self.forgive(known)
        if not failing:
            assert everything(self.queue) == before, "only the holder of the lease can fail"

    @rule(seconds=pauses, data=st.data())
    def put_back(self, seconds: int, data: st.DataObject) -> None:
        """Items that failed wait again, unless their holding does so under another id."""
        self.now += timedelta(seconds=seconds)
        rows = {row.item_id: row for row in self.history if row.state == "failed"}
        chosen = data.draw(st.lists(st.sampled_from(sorted(rows)), unique=True)) if rows else []
        expected = 0
        for item_id in chosen:
            known = self.items[item_id]
            if known.ended != "failed" or any(p.con_id == known.con_id for p in self.pending()):
                continue
            known.ended, known.attempts = "", 0
            known.leased_to = known.last_batch = ""
            known.inserted_at = self.now
            self.put_back_ids[item_id] += 1
            expected += 1
        assert self.queue.put_back([rows[item_id] for item_id in chosen], self.now) == expected

    @rule()
    def save(self) -> None:
        self.history += self.queue.take_rows()

    @invariant()
    def a_holding_waits_once(self) -> None:
        if not hasattr(self, "queue"):
            return
        keys = Counter(known.con_id for known in self.pending())
        assert all(times == 1 for times in keys.values())
        assert self.queue.pending() == {(ACCOUNT, con_id) for con_id in keys}

    @invariant()
    def the_queue_counts_as_the_model(self) -> None:
        if not hasattr(self, "queue"):
            return
        pending = self.pending()
        leased = [known for known in pending if known.leased_to]
        assert set(self.queue.item_ids()) == {known.item_id for known in pending}
        assert len(self.queue) == len(pending)
        assert self.queue.count("leased") == len(leased)
        assert self.queue.count("waiting") == len(pending) - len(leased)
        assert self.queue.leased_batches() == len({known.leased_to for known in leased})
        assert self.queue.oldest() == min((known.inserted_at for known in pending), default=None)

    @invariant()
    def its_rows_restore_it(self) -> None:
        """Every row taken so far and not yet, in any order, is the queue again."""
        if not hasattr(self, "queue"):
            return
        live = copy.deepcopy(self.queue)
        rows = self.history + live.take_rows()
        random.Random(len(rows)).shuffle(rows)
        restored = PositionQueue.restore(rows, self.max_attempts)
        assert everything(restored) == everything(live)

    @invariant()
    def each_item_ends_once_as_the_model_says(self) -> None:
        if not hasattr(self, "queue"):
            return
        rows = self.history + copy.deepcopy(self.queue).take_rows()
        ends = Counter((row.item_id, row.state) for row in rows if row.state in FINAL)
        expected = Counter(
            (known.item_id, known.ended) for known in self.items.values() if known.ended
        )
        # Each time an item was put back it had failed before.
        expected.update({(one, "failed"): times for one, times in self.put_back_ids.items()})
        assert ends == expected
        assert all(row.attempt <= self.max_attempts for row in rows), "attempts are bounded"
        assert len({(row.item_id, row.revision) for row in rows}) == len(
            {(row.item_id, row.revision, row.state, row.batch_id) for row in rows}
        ), "one revision means one state"

    def draw_answer(self, data: st.DataObject) -> tuple[Batch, list[str]]:
        """Answer any batch, now or long after, with any items that were ever in one."""
        batch = data.draw(st.sampled_from(self.batches))
        leased = sorted({one.item_id for given in self.batches for one in given.items})
        own = [one.item_id for one in batch.items]
        pool = st.sampled_from(own) | st.sampled_from(leased)
        return batch, data.draw(st.lists(pool, unique=True, max_size=4))

    def attempt(self, batch: Batch) -> Attempt:
        return Attempt(batch.batch_id, "w", self.now, self.now)

    def until(self, batch_id: str) -> datetime:
        return next(b.lease_until for b in self.batches if b.batch_id == batch_id)

    def forgive(self, known: Item) -> None:
        """Nothing was tried: the item waits with the attempts it had."""
        known.leased_to = ""
        known.attempts -= 1

    def fail(self, known: Item) -> None:
        known.leased_to = ""
        if known.attempts >= self.max_attempts:
            known.ended = "failed"


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=examples(150), stateful_step_count=30)
