"""`tell`: each confirmed break is told of once, unless it is silenced."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import SILENCES
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.reconciliation.alerts import Alert, verify
from slotwise.reconciliation.silence import silence
from tasks.alerts import tell
from tasks.context import Context
from tests.support.receiver import Receiver, receiver
from tests.support.values import position
from tests.unit.slotwise.reconciliation.test_life import Runs


@pytest.fixture
def there(shared: Context, lake: Lake) -> Iterator[Receiver]:
    """Somebody who hears of breaks."""
    lake.ensure()
    with receiver() as server:
        shared.settings.webhook_url = server.url
        shared.settings.webhook_secret = SecretStr("secret")
        yield server


def told(there: Receiver) -> list[Alert]:
    return [msgspec.json.decode(message.body, type=Alert) for message in there.came]


def silent(lake: Lake, seconds: float, **changes: Any) -> None:
    now = datetime.now(UTC)
    values = {"con_id": 1, "cause": None, "account": None, "why": "known"} | changes
    row = silence(until=now + timedelta(seconds=seconds), now=now, **values)
    append_rows(lake, SILENCES.name, to_batch([row], SILENCES.sent))


def test_a_break_is_told_of_when_it_is_confirmed_and_when_it_healed(there: Receiver) -> None:
    """Once each, however many reports find it."""
    runs = Runs()
    for seconds in (60, 120, 180, 240):
        tell(runs.run([position(1)], [], seconds))
    tell(runs.run([position(1)], [position(1)], 300))
    confirmed, healed = told(there)
    assert (confirmed.event, healed.event) == ("breaks_confirmed", "breaks_healed")
    assert confirmed.breaks[0].life_id == healed.breaks[0].life_id
    assert healed.breaks[0].lived_s == 240.0
    for message in there.came:
        assert verify("secret", message.body, message.signature, message.at)


def test_a_silenced_break_is_told_of_when_its_silence_ends(there: Receiver, lake: Lake) -> None:
    runs = Runs()
    silent(lake, 3600.0, con_id=2)
    silent(lake, 0.5)
    for seconds in (60, 120):
        tell(runs.run([position(1)], [], seconds))
    assert told(there) == []
    time.sleep(0.6)
    tell(runs.run([position(1)], [], 180))
    assert [alert.event for alert in told(there)] == ["breaks_confirmed"]


def test_the_healing_of_what_nobody_heard_of_is_no_news(there: Receiver, lake: Lake) -> None:
    runs = Runs()
    silent(lake, 3600.0)
    for seconds in (60, 120):
        tell(runs.run([position(1)], [], seconds))
    tell(runs.run([position(1)], [position(1)], 180))
    assert told(there) == []


def test_without_a_receiver_breaks_are_counted_and_logged(shared: Context, lake: Lake) -> None:
    lake.ensure()
    runs = Runs()
    for seconds in (60, 120):
        tell(runs.run([position(1)], [], seconds))
    counted = shared.counters.all()
    assert counted == {"reconciliations.broken": 2, "alerts.breaks_confirmed": 1}
