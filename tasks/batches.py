"""The beat's work: `dispatch` turns the queue into batches, `poll_batch` answers one."""

from __future__ import annotations

import os
import secrets
import socket
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from slotwise.errors import LakeError, StaleWriterError
from slotwise.formatting import counted
from slotwise.lake.row_validation import validate_rows
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.set_aside import without_empty_columns
from slotwise.rules.landing import Answered, Leased
from slotwise.rules.polling import answer_batch, why_not_fresh
from slotwise.rules.position_queue import Attempt, Batch
from tasks.app import task
from tasks.context import context
from tasks.lake_lock import lake_turn
from tasks.lake_outage import refusals
from tasks.schedule import POLL

log = structlog.get_logger(__name__)

#: Batches leased at one time, at most: 20,000 contracts. Beyond it the queue waits and
#: coalesces instead of filling Redis with batches that expire.
BATCHES_IN_FLIGHT = 400
#: Messages of periodic tasks that may wait in the poll queue, one of each.
PERIODIC = 3
#: Random bytes of a batch's id: two beats may lease in one second, and an answer of one batch must
#: never count as that of another.
ID_BYTES = 6
#: Contracts named in a batch's label; the rest is a count.
LABELLED = 3


@task("tasks.batches.dispatch", ignore_result=True)
def dispatch() -> None:
    """Lease what waits in the queue to batches of at most 50 and send them to the workers."""
    try:
        batches = _lease_batches(datetime.now(UTC))
    except StaleWriterError as error:
        log.info("dispatch left to another writer", reason=str(error))
        return
    except LakeError as error:
        refusals.refused(error)
        return
    for batch in batches:
        poll_batch.apply_async(
            (msgspec.to_builtins(batch),),
            queue=POLL,
            argsrepr=label(batch),
        )
    if batches:
        log.info("dispatched", batches=len(batches))


def _lease_batches(now: datetime) -> list[Batch]:
    """Take overdue leases back, give new ones, and put both into the stream before any is sent."""
    config = context().settings
    with lake_turn() as lander:
        if lander is None:
            return []
        queue = lander.queue(now)
        shared, steady_s = context(), time.monotonic()
        overdue = shared.leases.overdue(queue.leased(), steady_s, config.lease_s)
        untouched = shared.started.untouched({batch_id for _, batch_id in overdue})
        queue.release(overdue, now, untouched)
        ids = batch_ids(now, _room(queue.leased_batches()))
        batches = queue.get_batches(ids, now, config.lease_s, config.batch_size)
        shared.leases.give([batch.batch_id for batch in batches], steady_s)
        if overdue:
            log.warning("leases ran out", items=len(overdue), untouched=len(untouched))
        if batches or overdue:
            gone = tuple(sorted(untouched))
            shared.landing.append(Leased(tuple(overdue), tuple(batches), now, gone))
        return batches


def batch_ids(now: datetime, count: int) -> list[str]:
    """Return ids for batches leased at one time: the second, a number, and what no other has."""
    second, chance, digits = (
        f"{now:%Y%m%dT%H%M%S}",
        secrets.token_hex(ID_BYTES * count),
        2 * ID_BYTES,
    )
    return [f"{second}-{n:03d}-{chance[n * digits : (n + 1) * digits]}" for n in range(count)]


def _room(leased: int) -> int:
    """Return how many batches may be leased: none where a worker could do nothing with them.

    Messages that wait beyond those of live leases were never taken: no worker is there, and more
    of them would only pile up. Without a fresh snapshot there is nothing to read: then one round
    says so, and the next waits for a snapshot.
    """
    shared = context()
    if shared.backlog.length(POLL) > leased + PERIODIC:
        return 0
    head = shared.snapshots.head()
    age_s = 0.0 if head is None else shared.snapshots.age_s(head)
    if not why_not_fresh(head, age_s, shared.settings.snapshot_max_age_s):
        shared.leased_in_vain = False
    elif shared.leased_in_vain:
        return 0
    else:
        shared.leased_in_vain = True
    return max(BATCHES_IN_FLIGHT - leased, 0)


@task("tasks.batches.poll_batch", ignore_result=True)
def poll_batch(batch: dict[str, Any]) -> None:
    """Value one batch from the newest snapshot and quotes, and send its rows to the lake."""
    shared = context()
    work = msgspec.convert(batch, Batch)
    started_at = datetime.now(UTC)
    read = shared.batch_reader.begin(work)
    marks = shared.mark_board.of([item.con_id for item in work.items])
    now = datetime.now(UTC)
    max_age_s = shared.settings.snapshot_max_age_s
    answer = answer_batch(work, read.found, read.quotes, read.age_s, max_age_s, read.polled, marks)
    attempt = Attempt(work.batch_id, worker_name(), started_at, now)
    answer, rows = validate_rows(answer, POSITION_UPDATES.sent)
    answered = Answered(attempt, answer.succeeded, answer.failed, answer.closed, answer.tried)
    shared.landing.append(answered, None if rows is None else without_empty_columns(rows))
    # The batch's id is in its rows of both tables, in Flower, and here.
    log.info("batch answered", batch=work.batch_id, contracts=len(answer.succeeded))
    if answer.failed:
        log.warning(
            "batch failed in part",
            batch=work.batch_id,
            failed=len(answer.failed),
            reason=answer.failed[0][1],
        )


def label(batch: Batch) -> str:
    """Return a batch's label for people: `50 contracts: 761, 762, 763 ... batch 2026...`."""
    named = ", ".join(str(item.con_id) for item in batch.items[:LABELLED])
    more = " ..." if len(batch.items) > LABELLED else ""
    return f"('{counted(len(batch.items), 'contract')}: {named}{more} batch {batch.batch_id}',)"


def worker_name() -> str:
    """Return the name of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"
