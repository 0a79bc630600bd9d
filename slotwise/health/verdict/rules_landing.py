"""Rules on the lake, the workers, the reconciliation, and on what needs a person."""

from __future__ import annotations

from slotwise.formatting import counted
from slotwise.health.verdict.facts import Facts
from slotwise.health.verdict.finding import Finding
from slotwise.health.verdict.published import OLD_S
from slotwise.health.verdict.words import duration_words, name_words, since_words

#: Beat is missed after this many of its intervals.
MISSED_BEATS = 4
#: Share of the spool's room from which a person should look.
SPOOL_FILLS = 0.5
#: A handler's call that lasts longer, seconds, hangs: the newest updates wait for its end.
HANDLER_HANGS_S = 60.0
#: Free share of the disk below which a person should look.
DISK_LOW = 0.05
#: What to do at a start, where an answer is on its way.
NOT_ASKED_ADVICE = "wait a few seconds"


def find_lake_trouble(facts: Facts) -> Finding | None:
    """Find that the lake takes no rows."""
    landing = facts.landing
    if not landing.error and not facts.lake_error:
        return None
    if not landing.error:
        return Finding(
            f"the lake cannot be used from here: {_first_sentence(facts.lake_error)}",
            "mount it, or correct SLOTWISE_LAKE",
        )
    advice = {
        "absent": "mount it, or correct SLOTWISE_LAKE; rows wait in the spool meanwhile",
        "other": "correct SLOTWISE_LAKE or the mount: this is another lake",
        "full": "free its disk; rows wait in the spool meanwhile",
        "read_only": "make it writable; rows wait in the spool meanwhile",
    }.get(landing.trouble, "check SLOTWISE_LAKE, the disk and its rights")
    since = since_words(landing.error_since, facts.now)
    return Finding(f"the lake takes no rows{since}: {_first_sentence(landing.error)}", advice)


def _first_sentence(text: str) -> str:
    """Return a text up to its first full stop: what to do is the advice."""
    return text.split(". ", 1)[0]


def find_lake_worker_away(facts: Facts) -> Finding | None:
    """Find that no worker serves the lake's queue."""
    if facts.workers is None or facts.workers.lake != 0:
        return None
    return Finding(
        "no lake worker answers: nothing lands, rows wait in the spool",
        "start one: slotwise worker --queue lake",
    )


def find_poll_workers_away(facts: Facts) -> Finding | None:
    """Find that no worker serves the poll queue."""
    if facts.workers is None or facts.workers.poll != 0:
        return None
    return Finding("no poll worker answers: batches wait", "start one: slotwise worker")


def find_beat_away(facts: Facts) -> Finding | None:
    """Find that beat sends nothing."""
    workers = facts.workers
    if workers is None or workers.beat_silent_s is None:
        return None
    if workers.beat_silent_s <= MISSED_BEATS * workers.beat_s:
        return None
    return Finding(
        f"beat has sent nothing for {duration_words(workers.beat_silent_s)}",
        "start it: slotwise beat",
    )


def find_workers_unknown(facts: Facts) -> Finding | None:
    """Find that workers could not be asked, or have not been asked yet."""
    if facts.workers is not None:
        return None
    if not facts.workers_asked:
        return Finding("the workers have not been asked yet", NOT_ASKED_ADVICE)
    return Finding(
        "the workers could not be asked", "try again; where it stays so, restart the workers"
    )


def find_landing_late(facts: Facts) -> Finding | None:
    """Find that landings are late."""
    landing = facts.landing
    if landing.landed_at is None:
        return Finding("nothing has landed yet", "are beat and the lake worker running?")
    age_s = (facts.now - landing.landed_at).total_seconds()
    if age_s > landing.late_after_s:
        return Finding(
            f"the last landing was {duration_words(age_s)} ago",
            "are beat and the lake worker running? their logs have the reason",
        )
    if landing.oldest_item_s > landing.late_after_s:
        return Finding(
            f"a queue item has waited for {duration_words(landing.oldest_item_s)}",
            "add poll workers, or look for failing batches: slotwise queue",
        )
    return None


def find_rows_late(facts: Facts) -> Finding | None:
    """Find that what the gateway has kept does not reach the lake, though landings go on."""
    landing = facts.landing
    if landing.oldest_entry_s <= landing.entry_late_after_s:
        return None
    return Finding(
        f"rows of the gateway have waited to land for {duration_words(landing.oldest_entry_s)}",
        "the logs of gateway and lake worker have the reason; rows wait in the spool meanwhile",
    )


def find_book_unknown(facts: Facts) -> Finding | None:
    """Find that no reconciliation is known: the lake was not read, or none was made."""
    if facts.book is None and not facts.lake_asked:
        return Finding("the lake has not been asked yet", NOT_ASKED_ADVICE)
    if facts.book is None:
        return Finding("the reconciliation could not be read", "check SLOTWISE_LAKE")
    if facts.book.completed_at is None:
        return Finding("never reconciled yet", "slotwise reconcile does it now")
    return None


def find_book_stale(facts: Facts) -> Finding | None:
    """Find that the newest reconciliation could verify nothing."""
    book = facts.book
    if book is None or book.status != "stale":
        return None
    why = f": {book.reason}" if book.reason else ""
    return Finding(
        f"the newest reconciliation could verify nothing{why}", "slotwise reconcile tries again"
    )


def find_breaks(facts: Facts) -> Finding | None:
    """Find breaks that are open."""
    book = facts.book
    if book is None or not book.breaks:
        return None
    return Finding(
        f"{counted(book.breaks, 'break')} between book and broker, {book.confirmed:,} confirmed",
        "slotwise reconcile gives the causes; --heal lands what the broker reports",
    )


def find_book_late(facts: Facts) -> Finding | None:
    """Find that the last reconciliation is too long ago."""
    book = facts.book
    if book is None or book.completed_at is None:
        return None
    age_s = (facts.now - book.completed_at).total_seconds()
    if age_s <= book.late_after_s:
        return None
    return Finding(
        f"not reconciled for {duration_words(age_s)}",
        "are beat and a poll worker running? slotwise reconcile does it now",
    )


def find_updates_lost(facts: Facts) -> Finding | None:
    """Find updates that were given up."""
    lost = facts.waiting.updates_lost
    if not lost:
        return None
    return Finding(
        f"{counted(lost, 'update was', 'updates were')} lost since the gateway started",
        "slotwise reconcile --heal lands what the broker reports",
    )


def find_failed_items(facts: Facts) -> Finding | None:
    """Find queue items that failed for good."""
    failed = facts.waiting.failed_items
    if not failed:
        return None
    return Finding(
        f"{counted(failed, 'queue item')} failed",
        "slotwise queue dead lists them; slotwise queue retry queues them again",
    )


def find_set_aside(facts: Facts) -> Finding | None:
    """Find entries that could not land and were set aside."""
    aside = facts.waiting.set_aside
    if not aside:
        return None
    return Finding(
        f"{counted(aside, 'entry', 'entries')} could not land",
        "slotwise queue aside gives the reasons; --put-back sends them again",
    )


def find_spool_filling(facts: Facts) -> Finding | None:
    """Find that the spool fills up."""
    waiting = facts.waiting
    if waiting.spool_share < SPOOL_FILLS:
        return None
    entries = counted(waiting.spooled, "entry waits", "entries wait")
    return Finding(
        f"the spool is {waiting.spool_share:.0%} full: {entries}",
        "let rows land again before it is full: lake, lake worker and beat",
    )


def find_spool_in_memory(facts: Facts) -> Finding | None:
    """Find that the spool cannot use its disk."""
    error = facts.waiting.spool_error
    if not error:
        return None
    return Finding(
        f"the spool cannot use its disk, so a gateway that ends loses what has not landed: {error}",
        "free the disk of SLOTWISE_SPOOL, or correct the rights of its folder",
    )


def find_monitor_away(facts: Facts) -> Finding | None:
    """Find that no process sends the changes of the verdict although there is a receiver."""
    silent_s = facts.waiting.monitor_silent_s
    if silent_s is None or silent_s <= OLD_S:
        return None
    return Finding(
        "the monitor is away: no change of the verdict is sent", "start it: slotwise monitor"
    )


def find_receiver_fails(facts: Facts) -> Finding | None:
    """Find that the webhook or the user's command does not take what is sent."""
    error = facts.waiting.receiver_error
    if not error:
        return None
    return Finding(
        f"changes of the verdict do not arrive: {error}",
        "correct SLOTWISE_WEBHOOK_URL or SLOTWISE_NOTIFY_COMMAND; the monitor's log has each try",
    )


def find_disk_low(facts: Facts) -> Finding | None:
    """Find that the lake's disk is nearly full."""
    free = facts.waiting.disk_free_share
    if free is None or free >= DISK_LOW:
        return None
    return Finding(f"the lake's disk has {free:.1%} left", "free disk space")


def find_handler_hangs(facts: Facts) -> Finding | None:
    """Find handlers that do not return from a call, and so receive nothing."""
    hang = {name: s for name, s in facts.waiting.handlers_busy_s.items() if s > HANDLER_HANGS_S}
    if not hang:
        return None
    longest = max(hang, key=lambda name: hang[name])
    return Finding(
        f"handler {name_words(sorted(hang))} has not returned for {duration_words(hang[longest])}: "
        "it receives no updates",
        "let it return, or raise; start the gateway again",
    )


def find_handler_errors(facts: Facts) -> Finding | None:
    """Find handlers that raised errors."""
    errors = {name: count for name, count in facts.waiting.handler_errors.items() if count}
    if not errors:
        return None
    named = name_words([f"{name} {count}" for name, count in sorted(errors.items())])
    return Finding(f"errors of handlers: {named}", "the gateway's log has each")
