"""What a demo run proved: its figures as one JSON object, and the promises it kept or broke."""

from __future__ import annotations

import msgspec

from slotwise.formatting import counted
from workers.stack.ledger import LineCount


class LinesResult(msgspec.Struct, frozen=True):
    """Count lines as recounted from the simulator's ledger.

    `held` and `peak` count lines that stream, `used_peak` those of short quotes as well.
    """

    limit: int
    held: int
    peak: int
    used_peak: int
    quotes: int
    requests: int
    cancels: int
    rejected: int


class QueueResult(msgspec.Struct, frozen=True):
    """Count queue items as the lake holds them."""

    inserted: int
    succeeded: int
    failed: int
    pending: int


class LandedResult(msgspec.Struct, frozen=True):
    """Count rows of `position_updates`, and the commits that brought them."""

    rows: int
    commits: int


class ReconciliationResult(msgspec.Struct, frozen=True):
    """Count holdings of the last report; None where there was none, or it was stale."""

    matched: int | None
    breaks: int | None
    status: str


class DemoResult(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the figures of a run; `broken` names each promise that did not hold."""

    positions: int
    active: int
    lines: LinesResult
    queue: QueueResult
    landed: LandedResult
    reconciliation: ReconciliationResult
    #: Seconds from the start until every non-essential contract had a row; None if not all have.
    all_landed_s: float | None
    lake: str
    flower: str
    ledger: str
    logs: str
    restarts: dict[str, int]
    seconds: float
    broken: list[str]


def lines_result(count: LineCount) -> LinesResult:
    """Take the figures a reader asks for."""
    return msgspec.convert(count, LinesResult, from_attributes=True)


def broken_promises(
    *,
    begun: bool,
    count: LineCount,
    active: int,
    reserve: int,
    wrong_items: int,
    unlanded: int,
    pending: int,
    breaks: int | None,
    flower_answers: bool,
) -> list[str]:
    """Return what did not hold.

    `begun` says whether the portfolio was seen and strategies were activated; what a run promises
    of its strategies, its queue and its reconciliation begins then. `active` counts the contracts
    that are to have a line at the end, `reserve` the lines that they leave to quotes in turn while
    there are any. `wrong_items` counts succeeded queue items whose number of rows is not one;
    `unlanded` counts non-essential holdings without a row; `pending` counts queue items that
    neither landed nor failed although nothing was inserted any more.
    """
    least, most = min(active, count.limit - reserve), min(active, count.limit)
    always = (
        (begun, "the run ended before the first positions came: give it more seconds"),
        (
            count.rejected == 0,
            f"TWS rejected {counted(count.rejected, 'request')} for want of a line",
        ),
        (
            count.used_peak <= count.limit,
            f"{count.used_peak} lines were used at once, the limit is {count.limit}",
        ),
        (count.contradictions == 0, "the ledger contradicts its own recount"),
        (
            wrong_items == 0,
            f"{counted(wrong_items, 'succeeded queue item')} without exactly one row",
        ),
    )
    once_begun = (
        (
            count.surplus == 0,
            f"{counted(count.surplus, 'line')} streamed beyond one for each active contract",
        ),
        (
            least <= count.held <= most,
            f"{counted(count.held, 'line')} held at the end, {most} wanted",
        ),
        (count.overlong == 0, f"{counted(count.overlong, 'quote')} in turn streamed for too long"),
        (unlanded == 0, f"{counted(unlanded, 'non-essential contract')} without a row"),
        (pending == 0, f"{counted(pending, 'queue item')} still under way"),
        (breaks is not None, "no reconciliation was completed"),
        (not breaks, f"{counted(breaks or 0, 'break')} between book and broker"),
        (flower_answers, "Flower does not answer"),
    )
    checks = (*always, *once_begun) if begun else always
    return [text for held, text in checks if not held]
