"""One turn at the lake: the lander, behind the lease that keeps a second one away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import structlog

from slotwise.lake.first_start import begin
from slotwise.lake.lander import Lander
from tasks.context import context

log = structlog.get_logger(__name__)


class _Turns:
    def __init__(self) -> None:
        shared = context()
        self._lease = shared.lake_lease
        self._lander = Lander(shared.lake, shared.landing, shared.settings.max_attempts)
        self._token: int | None = None

    @contextmanager
    def turn(self) -> Iterator[Lander | None]:
        with self._lease.held() as token:
            if token is None:
                log.info("another lake worker has its turn")
                yield None
                return
            shared = context()
            begin(shared.lake, shared.lake_identity, shared.settings.spool_file)
            if token != self._token:
                # Another process may have landed since: this process's memory is outdated.
                self._lander.forget()
                self._token = token
            try:
                yield self._lander
            except BaseException:
                self._lander.forget()
                raise


@lru_cache(maxsize=1)
def _turns() -> _Turns:
    return _Turns()


@contextmanager
def lake_turn() -> Iterator[Lander | None]:
    """Take a turn as the lake's writer; yields None while another process has it."""
    with _turns().turn() as lander:
        yield lander
