"""Scale-out: batches of the product by 1 to 8 workers, and by workers behind a slower link."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from benchmarks.celery import PREFIX
from benchmarks.celery_harness import CeleryStand, celery_stand
from benchmarks.child_process import Asked
from benchmarks.figures import Part
from benchmarks.harness import OwnRedis, cpu_s, own_redis
from benchmarks.profile import sampled
from benchmarks.profile_figures import Profile
from benchmarks.scale_figures import BEHIND_LINK, DELAY_S, Round, part_of
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.contract import Contract
from slotwise.position import Position, Snapshot
from slotwise.queue_item import Batch, NewItem
from slotwise.quote import Quote
from slotwise.rules.landing import Answered

#: Workers that are compared, each with one pool process.
COUNTS = (1, 2, 4, 8)
#: Holdings, and contracts of a batch.
HOLDINGS, BATCH = 5_000, 50
#: Batches of a round, and rounds of each group: many, as a machine may be faster or slower for
#: seconds at a time, by more than the groups differ.
BATCHES, ROUNDS = 800, 6
#: Numbers of workers of which one is sampled in a further round.
PROFILED = (1, 8)
#: Workers of the group of which half are behind the link.
SPLIT = 4
ACCOUNT = "DU1234567"
OPTIONS = ("-c", "1", "--without-mingle", "--without-gossip", "--without-heartbeat")


def run(share: float) -> Part:
    """Measure all groups in turn, round by round."""
    rounds, batches = max(1, round(ROUNDS * share)), max(20, round(BATCHES * share))
    found: dict[str, list[Round]] = {}
    profiles: list[Profile] = []
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        redis = stack.enter_context(own_redis(folder))
        measured = BatchRounds(redis, batches)
        stack.callback(measured.close)
        groups: dict[str, tuple[CeleryStand, CeleryStand]] = {}
        for count in COUNTS:
            stand = stack.enter_context(_group(folder, redis.url, f"near{count}", count))
            groups[str(count)] = (stand, stand)
        groups[BEHIND_LINK] = stack.enter_context(_split(folder, redis.url))
        for number in range(rounds):
            # Forwards and backwards: no group is always the first.
            for group in sorted(groups, reverse=number % 2 == 1):
                stand, marked = groups[group]
                found.setdefault(group, []).append(measured.round(stand, marked.pids()))
        for count in PROFILED:
            stand, _ = groups[str(count)]
            name = "one worker" if count == 1 else f"one of {count} workers"
            with sampled(folder, {name: stand.main_pids()[0]}) as sampled_now:
                measured.round(stand, stand.pids())
            profiles += sampled_now
    return part_of(found, profiles)


class BatchRounds:
    """Publishes positions and quotes, and has workers answer batches of them, round by round."""

    def __init__(self, redis: OwnRedis, batches: int) -> None:
        self._bus, self._redis_pid = Bus(redis.url), redis.pid
        self._landing = LandingStream(self._bus)
        now = datetime.now(UTC)
        contracts = [Contract(con_id=n + 1, symbol="SPY", sec_type="OPT") for n in range(HOLDINGS)]
        positions = tuple(
            Position(
                account=ACCOUNT, contract=one, quantity=Decimal(2), avg_cost=Decimal(250),
                observed_at=now,
            )
            for one in contracts
        )  # fmt: skip
        # It is to stay fresh for as long as is measured.
        later = now + timedelta(hours=1)
        SnapshotBoard(self._bus).put(
            Snapshot(
                snapshot_id="bench", requested_at=later, completed_at=later, positions=positions
            )
        )
        QuoteBoard(self._bus).put([_quote(one.con_id, now) for one in contracts])
        self._batches = [_batch(number, now) for number in range(batches)]

    def close(self) -> None:
        """Close the connection."""
        self._bus.close()

    def round(self, stand: CeleryStand, marked: frozenset[int]) -> Round:
        """Run all batches once; `marked` are the processes whose share is counted."""
        before, switched = cpu_s(self._redis_pid), stand.switches()
        spent = stand.do_each(
            "tasks.batches.poll_batch",
            [[msgspec.to_builtins(batch)] for batch in self._batches],
            lambda: self._landing.length() >= len(self._batches),
        )
        redis_s = cpu_s(self._redis_pid) - before
        entries = self._landing.read(0, len(self._batches))
        self._landing.drop(entries[-1].offset)
        answers = [entry.head for entry in entries if isinstance(entry.head, Answered)]
        by_worker = Counter(int(one.attempt.worker.rpartition(":")[2]) for one in answers)
        return Round(
            seconds=spent.seconds,
            worker_cpu_s=spent.worker_cpu_s,
            redis_cpu_s=redis_s,
            by_worker=tuple(by_worker.values()),
            marked=sum(n for pid, n in by_worker.items() if pid in marked),
            failed=sum(len(one.failed) for one in answers),
            switches=stand.switches() - switched,
        )


def _quote(con_id: int, at: datetime) -> Quote:
    bid, ask = Decimal("3.1"), Decimal("3.2")
    return Quote(con_id=con_id, bid=bid, ask=ask, source="snapshot", observed_at=at)


def _batch(number: int, now: datetime) -> Batch:
    ids = range(number * BATCH, (number + 1) * BATCH)
    items = tuple(NewItem(f"{number}-{n}", ACCOUNT, n % HOLDINGS + 1, 2) for n in ids)
    return Batch(f"bench-{number}", now, now + timedelta(hours=1), items)


@contextmanager
def _group(
    folder: Path, url: str, queue: str, count: int, name: str = "w"
) -> Iterator[CeleryStand]:
    with celery_stand(
        folder, url, "benchmarks.baselines.celery_batches", OPTIONS,
        tuple(f"{queue}{name}{number}" for number in range(count)),
        {"SLOTWISE_LAKE": str(folder / "lake"), "SLOTWISE_BENCH_QUEUE": queue}, (PREFIX, queue),
    ) as stand:  # fmt: skip
        yield stand


@contextmanager
def _split(folder: Path, url: str) -> Iterator[tuple[CeleryStand, CeleryStand]]:
    """Start a group of which half reach Redis by a slower link; give all, and that half."""
    port = urlsplit(url).port
    with ExitStack() as stack:
        link = stack.enter_context(
            Asked(
                folder / "logs" / "link.log", "benchmarks.baselines.slow_link", str(port),
                str(DELAY_S),
            )
        )  # fmt: skip
        far_url = url.replace(str(port), str(link.heard()["port"]))
        half = SPLIT // 2
        near = stack.enter_context(_group(folder, url, "split", half, "near"))
        far = stack.enter_context(_group(folder, far_url, "split", half, "far"))
        yield near.joined(far), far
