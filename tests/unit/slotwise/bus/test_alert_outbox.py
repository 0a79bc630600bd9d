"""Alerts wait in Redis: in order, each with its own count, bounded, and by rounds alone."""

from __future__ import annotations

import pytest
import redis

from slotwise.bus.alert_outbox import MOST_WAITING, AlertOutbox
from slotwise.bus.client import Bus
from slotwise.bus.once_keys import OnceKeys

#: Longest wait, rounds.
LONGEST = 12


def bodies(outbox: AlertOutbox) -> list[bytes]:
    return [alert.body for alert in outbox.due(LONGEST)]


def test_alerts_are_due_in_order_until_they_are_done(bus: Bus) -> None:
    outbox = AlertOutbox(bus)
    for body in (b"1", b"2", b"3"):
        assert outbox.put(body, {})
    assert bodies(outbox) == [b"1", b"2", b"3"]
    outbox.done(outbox.due(LONGEST)[1])
    assert (bodies(outbox), outbox.length()) == ([b"1", b"3"], 2)


def test_one_that_waits_delays_none_behind_it(bus: Bus) -> None:
    outbox = AlertOutbox(bus)
    outbox.put(b"refused", {})
    outbox.put(b"next", {})
    outbox.tried(outbox.due(LONGEST)[0], wait=2)
    assert bodies(outbox) == [b"next"]
    outbox.begin_round()
    assert bodies(outbox) == [b"next"]
    outbox.begin_round()
    assert [(one.body, one.tries) for one in outbox.due(LONGEST)] == [(b"refused", 1), (b"next", 0)]


@pytest.mark.parametrize("lost", ["alerts:round", "alerts:tries"])
def test_a_key_that_is_lost_makes_no_alert_wait_longer(bus: Bus, lost: str) -> None:
    outbox = AlertOutbox(bus)
    outbox.put(b"1", {})
    for _ in range(3 * LONGEST):
        outbox.begin_round()
    outbox.tried(outbox.due(LONGEST)[0], wait=LONGEST)
    assert bodies(outbox) == []
    bus.redis.delete(bus.key(lost))
    assert bodies(outbox) == [b"1"]


def test_a_count_that_cannot_be_read_is_none(bus: Bus) -> None:
    outbox = AlertOutbox(bus)
    outbox.put(b"1", {})
    bus.redis.hset(bus.key("alerts:tries"), outbox.due(LONGEST)[0].entry, b"\xff{")
    assert bodies(outbox) == [b"1"]


def test_alert_and_marks_are_kept_in_one_step(bus: Bus) -> None:
    """Where Redis refuses the one, it has not done the other."""
    outbox, once_keys = AlertOutbox(bus), OnceKeys(bus)
    outbox.put(b"1", {"alert a": "told"})
    assert once_keys.get("alert a") == "told"
    pipeline = bus.redis.pipeline(transaction=True)
    OnceKeys(bus).add_to(pipeline, {"alert b": "told"})
    pipeline.execute_command("NO-SUCH-COMMAND")
    with pytest.raises(redis.ResponseError):
        pipeline.execute()
    assert once_keys.get("alert b") is None


def test_the_outbox_is_bounded_and_leaves_nothing(bus: Bus) -> None:
    outbox = AlertOutbox(bus)
    assert all(outbox.put(b"%d" % number, {}) for number in range(MOST_WAITING))
    outbox.tried(outbox.due(LONGEST)[0], wait=1)
    assert not outbox.put(b"one more", {}), "the oldest is given up"
    waiting = outbox.due(LONGEST)
    assert (len(waiting), waiting[0].body) == (MOST_WAITING, b"1")
    for key in ("alerts", "alerts:tries"):
        assert 0 < bus.redis.ttl(bus.key(key)) <= 7 * 86_400
    for alert in waiting:
        outbox.done(alert)
    assert not bus.redis.exists(bus.key("alerts:tries"))
