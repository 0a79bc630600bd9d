"""Reader: reads boards and lake in one thread for all pages, and only while a page is open.

Rules:
* One reading serves every page. Without a page nothing is read.
* Readings come each second, and less often where the portfolio is so large that they would use
  more than `CPU_SHARE` of a core.
* What cannot be read is a fact: the last holdings stay, with the reason beside them, and the
  verdict is that of a Redis that does not answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import msgspec
import structlog

from slotwise.account import know_accounts, masked_in
from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, QueueStatus, StatusBoard, VerdictStatus
from slotwise.bus.trouble import trouble_of
from slotwise.client.holdings import Holdings
from slotwise.errors import SlotwiseError
from slotwise.health.verdict.published import current, published
from slotwise.printable import printable
from workers.screen.facts import BusFacts, LakeFacts, Screen
from workers.screen.our_clock import on_our_clock
from workers.screen.verdict import verdict_of
from workers.web.frame import Frame, FrameBuilder, Headline
from workers.web.system import System, system_of

T = TypeVar("T", bound=msgspec.Struct)

log = structlog.get_logger(__name__)

#: Time between two readings, seconds: prices of lines and marks are renewed as often.
INTERVAL_S = 1.0
#: Part of one core that readings may use: pages of 5,000 holdings stay under a quarter of one, with
#: what it takes to send them.
CPU_SHARE = 0.15
#: At the end a reading under way is waited for this long, seconds.
CLOSE_S = 3.0
#: What the headline says where no monitor has published a verdict.
NO_VERDICT = Headline(
    standing="unknown",
    sentence="no verdict is published: the monitor does not run",
    advice="start it: slotwise monitor; slotwise status looks once",
)
NOT_READ = Headline(standing="unknown", sentence="nothing was read yet")


class ReadsHoldings(Protocol):
    """Reads what is held now; raises SlotwiseError where it cannot."""

    def read(self) -> Holdings: ...


class FrameReader:
    """Makes each next frame from what boards and lake say."""

    def __init__(
        self,
        bus: Bus,
        holdings: ReadsHoldings,
        read_lake: Callable[[], LakeFacts | None],
        *,
        whole_accounts: bool,
    ) -> None:
        """Read by these; `read_lake` returns at once what is known of the lake."""
        self._read_lake = read_lake
        self._status = StatusBoard(bus)
        self._holdings = holdings
        mask = (lambda text: text) if whole_accounts else masked_in
        self._mask: Callable[[str], str] = mask
        self._builder = FrameBuilder(whole_accounts=whole_accounts, mask=mask)
        self._last = Frame(number=0, at=datetime.now(UTC), headline=NOT_READ)

    def next(self) -> Frame:
        """Read once and return the next frame."""
        number = self._last.number + 1
        headline = self._headline()
        try:
            found = self._holdings.read()
            know_accounts({row.account for row in found.rows})
            self._last = self._builder.build(number, found, headline, self._system())
        except SlotwiseError as error:
            self._last = self._frame_without_news(number, headline, str(error))
        except msgspec.MsgspecError as error:
            why = f"what is on the boards cannot be read, is it of another version? {error}"
            self._last = self._frame_without_news(number, headline, why)
        return self._last

    def _frame_without_news(self, number: int, headline: Headline, why: str) -> Frame:
        """Return the last holdings, with what lines and queue say now where they can be read."""
        system = self._last.system
        with suppress(SlotwiseError, msgspec.MsgspecError):
            system = self._system()
        return msgspec.structs.replace(
            self._last,
            number=number,
            at=datetime.now(UTC),
            headline=headline,
            system=system,
            trouble=printable(self._mask(why)),
        )

    def _system(self) -> System:
        """Read what processes say of lines and queue, on our clock."""
        return system_of(
            self._ours(GatewayStatus), self._ours(QueueStatus), self._read_lake(), self._mask
        )

    def _ours(self, kind: type[T]) -> T | None:
        status, age_s = self._status.get_with_age(kind)
        if status is None or age_s is None:
            return status
        return on_our_clock(status, age_s, datetime.now(UTC))[0]

    def _headline(self) -> Headline:
        now = datetime.now(UTC)
        try:
            found, age_s = self._status.get_with_age(VerdictStatus)
        except SlotwiseError as error:
            screen = Screen(now=now, bus=BusFacts().lost(str(error), now, trouble_of(error)))
            return self._shown(published(verdict_of(screen), now))
        if found is None:
            return NO_VERDICT
        ours = found if age_s is None else on_our_clock(found, age_s, now)[0]
        return self._shown(current(ours, now))

    def _shown(self, verdict: VerdictStatus) -> Headline:
        return Headline(
            standing=verdict.standing,
            sentence=printable(self._mask(verdict.sentence)),
            advice=printable(self._mask(verdict.advice)),
        )


class Reader:
    """A thread that makes frames while they are wanted, and passes each on."""

    def __init__(self, next_frame: Callable[[], Frame], publish: Callable[[Frame], None]) -> None:
        """Begin to wait; `publish` is called in the thread."""
        self._next_frame = next_frame
        self._publish = publish
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def want(self, *, wanted: bool) -> None:
        """Make frames from now on, or no more."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._wanted.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            if self._closing.is_set():
                return
            used = time.thread_time()
            try:
                self._publish(self._next_frame())
            except Exception:
                # A page that stays without news says so by itself; the next reading may succeed.
                log.exception("reading for the pages failed")
            self._closing.wait(pause_s(time.thread_time() - used))


def pause_s(used_s: float) -> float:
    """Return how long to wait after a reading that used this much processor time, seconds."""
    return max(INTERVAL_S, used_s / CPU_SHARE)
