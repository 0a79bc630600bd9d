"""The beat's work: `dispatch` turns the queue into batches, `poll_batch` answers one."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from slotwise.errors import LakeError, StaleWriterError
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.landing import Answered, Leased
from slotwise.polling import answer_batch
from slotwise.position_queue import Attempt, Batch
from tasks.app import task
from tasks.context import context
from tasks.fitting import fitted
from tasks.lake_turn import lake_turn
from tasks.refusals import refusals
from tasks.schedule import POLL

log = structlog.get_logger(__name__)

#: Batches leased at one time, at most: 20,000 contracts. Beyond it the queue waits and
#: coalesces instead of filling Redis with batches that expire.
BATCHES_IN_FLIGHT = 400
#: Contracts named in a batch's label; the rest is a count.
LABELLED = 3


@task("tasks.batches.dispatch", ignore_result=True)
def dispatch() -> None:
    """Lease what waits in the queue to batches of at most 50 and send them to the workers."""
    config = context().settings
    try:
        batches = _lease_batches(datetime.now(UTC))
    except StaleWriterError as error:
        log.info("dispatch left to another writer", reason=str(error))
        return
    except LakeError as error:
        refusals.refused(str(error))
        return
    for batch in batches:
        poll_batch.apply_async(
            (msgspec.to_builtins(batch),),
            queue=POLL,
            expires=config.lease_s,
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
        overdue = queue.overdue(now)
        queue.release(overdue, now)
        ids = [
            f"{now:%Y%m%dT%H%M%S}-{number:03d}-{secrets.token_hex(2)}"
            for number in range(BATCHES_IN_FLIGHT - queue.leased_batches())
        ]
        batches = queue.get_batches(ids, now, config.lease_s, config.batch_size)
        if overdue:
            log.warning("leases ran out", items=len(overdue))
        if batches or overdue:
            context().landing.append(Leased(tuple(overdue), tuple(batches), now))
        return batches


@task("tasks.batches.poll_batch", ignore_result=True)
def poll_batch(batch: dict[str, Any]) -> None:
    """Value one batch from the newest snapshot and quotes, and send its rows to the lake."""
    shared = context()
    work = msgspec.convert(batch, Batch)
    started_at = datetime.now(UTC)
    found = shared.snapshots.get([(item.account, item.con_id) for item in work.items])
    quotes = shared.quotes.get([item.con_id for item in work.items])
    now = datetime.now(UTC)
    answer = answer_batch(work, found, quotes, now, shared.settings.snapshot_max_age_s)
    attempt = Attempt(work.batch_id, worker_name(), started_at, now)
    answer, rows = fitted(answer, POSITION_UPDATES.sent)
    shared.landing.append(Answered(attempt, answer.succeeded, answer.failed), rows)
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
    """Name a batch for people: `50 contracts: 761, 762, 763 ... batch 2026...`."""
    named = ", ".join(str(item.con_id) for item in batch.items[:LABELLED])
    more = " ..." if len(batch.items) > LABELLED else ""
    return f"('{len(batch.items)} contracts: {named}{more} batch {batch.batch_id}',)"


def worker_name() -> str:
    """Name this process."""
    return f"{socket.gethostname()}:{os.getpid()}"
