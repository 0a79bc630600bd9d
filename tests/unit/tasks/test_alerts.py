"""`tell`: each confirmed break is sent once, unless it is silenced."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from kombu.exceptions import OperationalError
from pydantic import SecretStr

from slotwise.bus.client import Bus
from slotwise.bus.leases import Lease
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import SILENCES
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.reconciliation.alerts import Alert, verify_alert
from slotwise.reconciliation.silences import silence
from tasks.alerts import MAX_TRIES, raise_alerts, send
from tasks.app import app
from tasks.context import Context
from tasks.reconcile_triggers import watch
from tests.support.receiver import Receiver, receiver
from tests.support.values import position
from tests.unit.slotwise.reconciliation.test_break_lifecycle import Runs
from workers.stack.ports import free_port

#: Two reports take a tenth of this, on a loaded machine less than all of it, seconds.
SILENT_S = 3.0


@pytest.fixture
def there(shared: Context, lake: Lake) -> Iterator[Receiver]:
    """A receiver of alerts."""
    lake.create()
    with receiver() as server:
        shared.settings.webhook_url = server.url
        shared.settings.webhook_secret = SecretStr("secret")
        yield server


def received(there: Receiver) -> list[Alert]:
    return [msgspec.json.decode(message.body, type=Alert) for message in there.came]


def silent(lake: Lake, seconds: float, **changes: Any) -> None:
    now = datetime.now(UTC)
    values = {"con_id": 1, "cause": None, "account": None, "why": "known"} | changes
    row = silence(until=now + timedelta(seconds=seconds), now=now, **values)
    append_rows(lake, SILENCES.name, to_batch([row], SILENCES.sent))


def test_a_break_is_alerted_when_it_is_confirmed_and_when_it_healed(there: Receiver) -> None:
    """Once each, however many reports find it."""
    runs = Runs()
    for seconds in (60, 120, 180, 240):
        raise_alerts(runs.run([position(1)], [], seconds))
    raise_alerts(runs.run([position(1)], [position(1)], 300))
    confirmed, healed = received(there)
    assert (confirmed.event, healed.event) == ("breaks_confirmed", "breaks_healed")
    assert confirmed.breaks[0].life_id == healed.breaks[0].life_id
    assert healed.breaks[0].lived_s == 240.0
    for message in there.came:
        assert verify_alert("secret", message.body, message.signature, message.at)


def test_a_silenced_break_is_alerted_when_its_silence_ends(there: Receiver, lake: Lake) -> None:
    runs = Runs()
    silent(lake, 3600.0, con_id=2)
    silent(lake, SILENT_S)
    ends_s = time.monotonic() + SILENT_S
    for seconds in (60, 120):
        raise_alerts(runs.run([position(1)], [], seconds))
    assert received(there) == []
    assert time.monotonic() < ends_s, "two reports take less on a loaded machine too"
    time.sleep(max(ends_s - time.monotonic(), 0.0) + 0.1)
    raise_alerts(runs.run([position(1)], [], 180))
    assert [alert.event for alert in received(there)] == ["breaks_confirmed"]


def test_the_healing_of_a_break_without_an_alert_sends_nothing(there: Receiver, lake: Lake) -> None:
    runs = Runs()
    silent(lake, 3600.0)
    for seconds in (60, 120):
        raise_alerts(runs.run([position(1)], [], seconds))
    raise_alerts(runs.run([position(1)], [position(1)], 180))
    assert received(there) == []


def test_without_a_receiver_breaks_are_counted_and_logged(shared: Context, lake: Lake) -> None:
    lake.create()
    runs = Runs()
    for seconds in (60, 120):
        raise_alerts(runs.run([position(1)], [], seconds))
    counted = shared.counters.all()
    assert counted == {"reconciliations.broken": 2, "alerts.breaks_confirmed": 1}


def test_an_alert_that_was_not_handed_on_comes_with_the_next_report(
    there: Receiver, lake: Lake
) -> None:
    """The message broker is away between the report and the message."""
    runs = Runs()
    raise_alerts(runs.run([position(1)], [], 60))
    app.conf.task_always_eager = False
    with pytest.raises(OperationalError):
        raise_alerts(runs.run([position(1)], [], 120))
    app.conf.task_always_eager = True
    for seconds in (180, 240):
        raise_alerts(runs.run([position(1)], [], seconds))
    assert [alert.event for alert in received(there)] == ["breaks_confirmed"]


def test_an_alert_that_was_sent_twice_has_one_id(there: Receiver, bus: Bus) -> None:
    """A process that ends between the message and the mark: the receiver drops the second."""
    runs = Runs()
    for seconds in (60, 120):
        report = runs.run([position(1)], [], seconds)
        raise_alerts(report)
    bus.clear()
    raise_alerts(report)
    first, second = received(there)
    assert first.alert_id == second.alert_id


def confirmed(runs: Runs, since: int = 0) -> None:
    """Raise the alert of a break that two reports have found."""
    for seconds in (60, 120):
        raise_alerts(runs.run([position(1)], [], since + seconds))


def test_an_alert_that_is_not_taken_waits_and_is_tried_on_the_beat(
    there: Receiver, shared: Context
) -> None:
    """No worker keeps a part of it: the next beat sends it, from any worker."""
    there.answers = [503, 429]
    confirmed(Runs())
    assert (len(there.came), shared.alerts.length()) == (1, 1)
    for _ in range(4):
        watch()
    assert len(there.came) == 3
    assert len({message.body for message in there.came}) == 1
    assert shared.alerts.length() == 0
    assert shared.counters.all()["alerts.sent"] == 1


def test_waits_grow_up_to_a_minute_of_beats(there: Receiver, shared: Context) -> None:
    there.answers = [500] * 100
    confirmed(Runs())
    tried = [beat for beat in range(60) if _is_tried(there)]
    waits = [after - before for before, after in pairwise(tried)]
    assert waits == [2, 4, 8, 12, 12, 12]


def _is_tried(there: Receiver) -> bool:
    before = len(there.came)
    watch()
    return len(there.came) > before


def test_an_alert_is_given_up_at_last_and_once(there: Receiver, shared: Context) -> None:
    there.answers = [500, 500]
    confirmed(Runs())
    [alert] = shared.alerts.due(0)
    shared.alerts.tried(msgspec.structs.replace(alert, tries=MAX_TRIES - 2), 0)
    send()
    assert len(there.came) == 2
    assert shared.alerts.length() == 0
    assert shared.counters.all()["alerts.given_up"] == 1


def test_a_second_sender_leaves_the_alerts_to_the_first(
    there: Receiver, shared: Context, bus: Bus
) -> None:
    with Lease(bus, "alerts").held():
        confirmed(Runs())
        assert there.came == []
    send()
    assert len(there.came) == 1


def test_an_alert_that_came_with_its_message_is_sent(there: Receiver) -> None:
    """Workers of an earlier version sent it so."""
    send('{"alert_id":"before"}')
    assert [message.body for message in there.came] == [b'{"alert_id":"before"}']


@pytest.mark.parametrize("status", [400, 302, 410])
def test_what_is_refused_for_good_is_not_repeated(
    there: Receiver, shared: Context, status: int
) -> None:
    """Nor followed elsewhere."""
    there.answers = [status]
    confirmed(Runs())
    watch()
    assert (len(there.came), shared.alerts.length()) == (1, 0)
    assert shared.counters.all()["alerts.given_up"] == 1


def test_a_receiver_that_is_not_there_yet_is_waited_for(
    there: Receiver,
    shared: Context,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    url, shared.settings.webhook_url = there.url, f"http://127.0.0.1:{free_port()}/"
    confirmed(Runs())
    watch()
    # Logs go to one or the other, as the tests before it have set them up.
    written = capsys.readouterr().out + caplog.text
    assert written.count("alert not taken, trying again") == 1
    assert "cannot be reached" in written
    shared.settings.webhook_url = url
    for _ in range(2):
        watch()
    assert len(there.came) == 1
