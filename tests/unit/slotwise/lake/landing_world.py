"""A gateway, workers and two landers in memory over a real lake, one step at a time."""

from __future__ import annotations

import functools
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from slotwise.errors import StaleWriterError
from slotwise.lake.arrow import to_batch
from slotwise.lake.lander import Lander
from slotwise.lake.queries import unfinished_items
from slotwise.lake.schemas import POSITION_UPDATES, QUOTES
from slotwise.lake.store import Lake
from slotwise.rules.landing import Answered, Inserted, Leased, Rows, fold
from slotwise.rules.position_queue import Attempt, Batch, NewItem, PositionQueue
from slotwise.rules.valuation import position_row
from tests.support.crashes import CrashError, CrashingStream, CrashingWriter, Fuse
from tests.support.independent_reader import rows_of
from tests.support.memory_stream import MemoryStream
from tests.support.values import ACCOUNT, NOON, contract, position, quote
from workers.gateway.outbox.quote_rows import quote_row
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_flow import LOOK_S, SpoolFlow

LEASE_S = 10.0


#: Streamed rows are told apart by a contract id that only one of them has.
STREAMED_FROM = 1000


class World:
    """Producers, workers, and two lake workers that do not know of each other."""

    def __init__(
        self,
        empty_lake: Path,
        folder: Path,
        max_attempts: int = 2,
        gateway_clock_ahead_s: int = 0,
    ) -> None:
        self.max_attempts = max_attempts
        shutil.copytree(empty_lake, folder / "lake")
        self.lake = Lake(str(folder / "lake"))
        self.stream = MemoryStream()
        self.folder = folder
        self.flow = self.new_flow()
        self.fuse = Fuse()
        self.landers = [self.new_lander() for _ in range(2)]
        self.now = NOON
        self.ahead = timedelta(seconds=gateway_clock_ahead_s)
        self.wiped = False
        self.clock = 0.0
        self.inserted = 0
        self.known = set[str]()
        self.streamed = 0
        self.batches: list[Batch] = []

    def do(self, steps: Iterable[tuple[Any, ...]]) -> None:
        """Do steps, each the name of a method and its arguments."""
        for name, *arguments in steps:
            getattr(self, name)(*arguments)

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def new_lander(self) -> Lander:
        return Lander(
            self.lake,
            CrashingStream(self.stream, self.fuse),
            self.max_attempts,
            open_writer=functools.partial(CrashingWriter, fuse=self.fuse),
        )

    def new_flow(self) -> SpoolFlow:
        """Start a gateway on the spool that is there."""
        return SpoolFlow(self.stream, Spool(self.folder / "spool.sqlite"))

    def keep(self, head: Inserted | Rows, rows: pa.RecordBatch | None = None) -> None:
        """The gateway keeps an entry, and sends what it can."""
        self.flow.put([(head, rows)])
        self.send()

    def send(self) -> None:
        """The gateway sends until it has nothing more to send."""
        self.clock += LOOK_S
        while self.flow.send(self.clock):
            pass

    def kill_gateway(self) -> None:
        """Its lock ends with it, and it starts again with what is on disk."""
        self.flow.close()
        self.flow = self.new_flow()

    def insert(self, con_ids: list[int]) -> None:
        """The gateway has polled; what waits already is asked for again."""
        items = []
        for con_id in con_ids:
            self.inserted += 1
            items.append(NewItem(f"i{self.inserted}", ACCOUNT, con_id, 2))
        self.known |= {item.item_id for item in items}
        self.keep(Inserted(tuple(items), self.now + self.ahead))

    def dispatch(self, which: int, size: int) -> None:
        """As `tasks.batches.dispatch` does."""
        queue = self.queue_of(self.landers[which])
        if queue is None:
            return
        overdue = queue.overdue(self.now)
        queue.release(overdue, self.now)
        names = [f"b{len(self.batches) + number}" for number in range(2)]
        given = queue.get_batches(names, self.now, LEASE_S, size)
        if given or overdue:
            self.stream.append(Leased(tuple(overdue), tuple(given), self.now))
            self.batches += given

    def answer(self, back: int, good: frozenset[int]) -> None:
        """A worker answers a batch: in time, late, or for the second time.

        `back` counts batches from the newest; `good` are the places of items that succeed.
        """
        if not self.batches:
            return
        batch = self.batches[-1 - back % len(self.batches)]
        done = [item for place, item in enumerate(batch.items) if place in good]
        rows = [
            position_row(
                position(item.con_id),
                quote(item.con_id, bid=1, ask=2),
                source="batch",
                batch_id=batch.batch_id,
                item_id=item.item_id,
            )
            for item in done
        ]
        self.stream.append(
            Answered(
                Attempt(batch.batch_id, "w", self.now, self.now),
                tuple(item.item_id for item in done),
                tuple((item.item_id, "no") for item in batch.items if item not in done),
            ),
            to_batch(rows, POSITION_UPDATES.sent) if rows else None,
        )

    def publish(self, table: str) -> None:
        """The gateway streams a row that has no say in the queue."""
        self.streamed += 1
        con_id = STREAMED_FROM + self.streamed
        if table == "quotes":
            streamed = to_batch([quote_row(contract(con_id), quote(con_id))], QUOTES.sent)
        else:
            row = position_row(position(con_id), None, source="stream")
            streamed = to_batch([row], POSITION_UPDATES.sent)
        self.keep(Rows(table), streamed)

    def land(self, which: int, crash_after: int | None = None) -> None:
        """As `tasks.landing.land` does; may die at any step."""
        self.fuse.set(crash_after)
        self.try_to_land(which)

    def land_interrupted(self, which: int, after: int, meanwhile: list[tuple[Any, ...]]) -> None:
        """Land so slowly that the lease runs out and others act in the midst of it."""
        self.fuse.set(after, lambda: self.do(meanwhile))
        self.try_to_land(which)

    def try_to_land(self, which: int) -> None:
        try:
            self.landers[which].land(self.now)
        except StaleWriterError:
            self.landers[which].forget()
        except CrashError:
            self.landers[which] = self.new_lander()
        finally:
            self.fuse.set(None)

    def restart(self, which: int) -> None:
        """A lake worker starts again between two landings."""
        self.landers[which] = self.new_lander()

    def wipe(self, clock_behind: bool) -> None:
        """Empty Redis. With a slow clock nothing is written before the lake worker has looked."""
        self.wiped = True
        self.stream.wipe(clock_behind=clock_behind)
        if clock_behind:
            self.landers[0] = self.new_lander()
            assert self.queue_of(self.landers[0]) is not None

    def queue_of(self, lander: Lander) -> PositionQueue | None:
        try:
            return lander.queue(self.now)
        except StaleWriterError:
            lander.forget()
            return None

    def finish(self) -> None:
        """Land what is left, with a lake worker that has just started."""
        self.send()
        last = self.new_lander()
        last.land(self.now)
        assert self.stream.length() == 0, "what is committed is dropped"
        assert last.land(self.now).tables == (), "a landing leaves nothing for the next"
        self.send()
        assert self.stream.length() == 0, "what has landed is not sent again"

    def check(self) -> None:
        landed = Counter(
            item_id
            for (item_id,) in rows_of(
                self.lake, "position_updates", "item_id", "item_id IS NOT NULL"
            )
        )
        ends: dict[str, list[str]] = {}
        known = set()
        for item_id, state in rows_of(self.lake, "position_queue", "item_id, state"):
            known.add(item_id)
            if state in ("succeeded", "failed"):
                ends.setdefault(item_id, []).append(state)
        succeeded = {item_id for item_id, states in ends.items() if "succeeded" in states}
        failed = {item_id for item_id, states in ends.items() if "failed" in states}
        queue = PositionQueue.restore(unfinished_items(self.lake), self.max_attempts)

        assert all(len(states) == 1 for states in ends.values()), f"ended twice: {ends}"
        assert all(times == 1 for times in landed.values()), f"doubled rows: {landed}"
        assert succeeded <= set(landed), "a succeeded item has its row"
        assert not failed & set(landed), "a failed item has no row"
        assert known == set(ends) | set(queue.item_ids()), "what was inserted ended or waits"

        streamed = Counter(
            con_id
            for table in ("position_updates", "quotes")
            for (con_id,) in rows_of(self.lake, table, "con_id", f"con_id > {STREAMED_FROM}")
        )
        assert all(times == 1 for times in streamed.values()), "no streamed row is doubled"
        assert len(streamed) == self.streamed, "every streamed row is in the lake"
        if not self.wiped:
            assert set(landed) == succeeded, "every row belongs to a succeeded item"
            assert succeeded | failed | set(queue.item_ids()) <= self.known
            assert self.reported_once() == {
                **dict.fromkeys(succeeded, "succeeded"),
                **dict.fromkeys(failed, "failed"),
                **dict.fromkeys(queue.item_ids(), "pending"),
            }, "the lake says what one uninterrupted reading of the stream says"

    def reported_once(self) -> dict[str, str]:
        """Fold everything that was ever in the stream, once, from its start."""
        queue = PositionQueue(self.max_attempts)
        fold(queue, self.stream.history, {})
        states = {row.item_id: row.state for row in queue.take_rows()}
        return {
            item_id: state if state in ("succeeded", "failed") else "pending"
            for item_id, state in states.items()
        }
