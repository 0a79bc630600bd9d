"""Questions about the past: the portfolio as of a time, and one contract's history, from the lake.

One question is worked on at a time, in a thread, beside the frames; a few more wait. So no number
of pages makes the lake's load grow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from slotwise.account import know_accounts
from slotwise.client.past import past_holdings
from slotwise.lake.contract_items import contract_items
from slotwise.lake.data_gap_history import recorded_gaps
from slotwise.lake.executions import executions_between
from slotwise.lake.history import history
from slotwise.lake.known import check_moment
from slotwise.lake.price_history import marked_prices, quoted_prices
from slotwise.lake.store import Lake
from slotwise.parse_time import read_moment
from slotwise.shown_accounts import ShownAccounts
from workers.web.batches import read_batches
from workers.web.contract_history import history_of
from workers.web.day import read_day
from workers.web.frame import FrameBuilder, Headline, whole

#: Questions that wait at most, beside the one that is answered.
MOST_WAITING = 8
#: How far back a contract's history goes: what a person looks at; `slotwise history` has all.
HISTORY = timedelta(days=7)
#: An answer about the day is given to all pages for this time: it costs the lake the most.
DAY_KEPT = timedelta(seconds=60)
#: The same of batches.
BATCHES_KEPT = timedelta(seconds=5)
#: The headline of a past portfolio: the verdict is of now only.
PAST = Headline(standing="unknown", sentence="the verdict is of now only")

_encode = msgspec.json.Encoder().encode


class TooManyQuestionsError(Exception):
    """As many questions wait as may."""


class PastReader:
    """Answers questions about the past as JSON."""

    def __init__(self, lake: Lake, *, whole_accounts: bool, mask: Callable[[str], str]) -> None:
        self._lake = lake
        self._whole_accounts = whole_accounts
        self._mask = mask
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="past")
        self._waiting = 0
        #: The newest answer about a day, when it was read, and in which zone.
        self._day = (datetime.min.replace(tzinfo=UTC), "", b"")
        self._batches = (datetime.min.replace(tzinfo=UTC), b"")
        self._readings: dict[str, asyncio.Future[bytes]] = {}

    async def portfolio(self, when: str, known: str, zone: str) -> bytes:
        """Return the portfolio of a time in words, as a whole frame.

        It is as it was known at another time, and as it is known now where `known` is empty.
        Raises InputError, NotKnownError, LakeError and TooManyQuestionsError.
        """
        now = datetime.now(UTC)
        at = read_moment(when, zone, now)
        known_at = read_moment(known, zone, now) if known else None
        if known_at is not None:
            check_moment(known_at, now)
        return await self._ask(partial(self._portfolio, at, known_at))

    async def contract(self, con_id: int) -> bytes:
        """Return the history of a contract; raises LakeError and TooManyQuestionsError."""
        return await self._ask(partial(self._contract, con_id))

    async def day(self, zone: str) -> bytes:
        """Return the day so far in a zone, read anew each minute, once for all who ask.

        Raises InputError, LakeError and TooManyQuestionsError.
        """
        return await self._ask_once(f"day {zone}", partial(self._read_day, zone))

    async def batches(self) -> bytes:
        """Return the last batches of the queue, read anew each few seconds, once for all who ask.

        Raises LakeError and TooManyQuestionsError.
        """
        return await self._ask_once("batches", self._read_batches)

    def close(self) -> None:
        """Answer no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _ask_once(self, name: str, question: Callable[[], bytes]) -> bytes:
        """Answer all who ask the same meanwhile by one reading."""
        reading = self._readings.get(name)
        if reading is None:
            reading = asyncio.ensure_future(self._ask(question))
            self._readings[name] = reading
            reading.add_done_callback(lambda _: self._readings.pop(name))
        return await asyncio.shield(reading)

    async def _ask(self, question: Callable[[], bytes]) -> bytes:
        if self._waiting > MOST_WAITING:
            raise TooManyQuestionsError
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, question)
        finally:
            self._waiting -= 1

    def _portfolio(self, at: datetime, known_at: datetime | None) -> bytes:
        holdings = past_holdings(self._lake, at, known_at)
        know_accounts({row.account for row in holdings.rows})
        builder = FrameBuilder(whole_accounts=self._whole_accounts, mask=self._mask)
        return _encode(whole(builder.build(1, holdings, PAST)))

    def _read_day(self, zone: str) -> bytes:
        now = datetime.now(UTC)
        at, known_zone, known = self._day
        if zone != known_zone or not timedelta(0) <= now - at < DAY_KEPT:
            known = _encode(read_day(self._lake, zone, now, self._mask))
            self._day = (datetime.now(UTC), zone, known)
        return known

    def _read_batches(self) -> bytes:
        now = datetime.now(UTC)
        at, known = self._batches
        if not timedelta(0) <= now - at < BATCHES_KEPT:
            known = _encode(read_batches(self._lake, now))
            self._batches = (now, known)
        return known

    def _contract(self, con_id: int) -> bytes:
        since = datetime.now(UTC) - HISTORY
        states = history(self._lake, con_id, since)
        prices = [
            *quoted_prices(self._lake, con_id, since, None),
            *marked_prices(self._lake, con_id, since, None),
        ]
        gaps = [
            gap
            for gap in recorded_gaps(self._lake, con_id).get(con_id, [])
            if gap.end is None or gap.end > since
        ]
        executions = executions_between(self._lake, since, con_ids=[con_id])
        items = contract_items(self._lake, con_id, since.date())
        held = {one.account for one in states} | {one.account for one in items}
        accounts = ShownAccounts(held, whole=self._whole_accounts)
        know_accounts(held)
        return _encode(
            history_of(
                con_id,
                states,
                items,
                accounts.name,
                self._mask,
                prices=prices,
                gaps=gaps,
                executions=executions,
            )
        )
