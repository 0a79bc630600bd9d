"""How full the spool is and how long its oldest entry waits, as the gateway's status says it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from slotwise.rules.landing import Rows
from tests.support.memory_stream import MemoryStream
from tests.unit.gateway.test_spool import kept
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_sender import SpoolSender
from workers.stack.child import wait_until

#: What has landed is looked at each second; on a loaded machine, seconds.
SEEN_S = 30.0


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_spool_says_how_full_it_is(tmp_path: Path, on_disk: bool) -> None:
    spool = Spool(tmp_path / "s" if on_disk else None, max_bytes=100, max_in_memory=10)
    assert spool.share == 0
    spool.put([kept(number, size=10) for number in range(1, 6)])
    assert spool.share == 0.5
    spool.forget(5)
    assert spool.share == 0
    spool.close()


def test_oldest_entry_waits_until_it_has_landed() -> None:
    """Redis takes it; only the lake ends its wait."""
    stream, spool = MemoryStream(), Spool(None)
    sender = SpoolSender(stream, lambda: spool)
    assert sender.oldest_s == 0
    began = time.monotonic()
    sender.keep(Rows("line_events"))
    assert wait_until(lambda: stream.length() == 1, SEEN_S)
    assert 0 < sender.oldest_s <= time.monotonic() - began
    before, first = sender.oldest_s, stream.progress(spool.name)[1]
    sender.keep(Rows("line_events"))
    assert sender.oldest_s > before
    stream.report_landed({spool.name: first})
    assert wait_until(lambda: sender.landed == 1, SEEN_S)
    assert sender.oldest_s > 0, "the second waits"
    assert wait_until(lambda: stream.length() == 2, SEEN_S)
    stream.report_landed({spool.name: stream.progress(spool.name)[1]})
    assert wait_until(lambda: sender.oldest_s == 0, SEEN_S)
    sender.close()
