"""What keeps the gateway from its work has a name, a beginning, and an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.support.values import NOON, at
from tests.unit.gateway.streaming_desk import Desk
from workers.gateway.broker import Upstream
from workers.gateway.conditions import Conditions
from workers.gateway.lines.data_status import DataStatus
from workers.gateway.lines.staleness import LEAST_S


def test_a_condition_keeps_its_beginning_while_its_text_changes() -> None:
    times = iter([at(0), at(5), at(9), at(9)])
    conditions = Conditions(now=lambda: next(times))
    conditions.hold("no_permission", "for 1 of 12 contracts")
    conditions.hold("ib_lost", "TWS has lost IB")
    conditions.hold("no_permission", "for 2 of 12 contracts")
    assert [(c.name, c.since, c.text) for c in conditions.all()] == [
        ("no_permission", at(0), "for 2 of 12 contracts"),
        ("ib_lost", at(5), "TWS has lost IB"),
    ]
    conditions.end("no_permission", "ib_lost", "port_moved")
    assert conditions.all() == ()


def read(desk: Desk, data: DataStatus) -> tuple[str, ...]:
    data.read(desk.streamer.active.wanted, desk.table.held, desk.now, NOON)
    return tuple(one.text for one in data._conditions.all())


def test_missing_permissions_are_counted_and_say_what_helps() -> None:
    """Of the contracts that data is wanted of; delayed data is named where it is not taken yet."""
    for delayed in (False, True):
        desk = Desk()
        data = DataStatus(Conditions(), desk.table.access, delayed=delayed)
        desk.want(1, 2, 3)
        for _ in range(3):
            desk.wait(0.1)
        desk.broker.refuse(1, code=354)
        desk.broker.refuse(2, code=10168)
        [text] = read(desk, data)
        assert text.startswith("no market data permission for 2 of 3 contracts")
        assert ("SLOTWISE_DELAYED_DATA=1" in text) is not delayed
        desk.want(2, 3)
        [text] = read(desk, data)
        assert text.startswith("no market data permission for 1 of 2 contracts")
        desk.want(3)
        assert read(desk, data) == ()


def test_a_farm_that_is_away_is_named_only_while_lines_are_missed() -> None:
    """TWS reports farms that feed nothing here."""
    desk, now = Desk(), NOON
    data = DataStatus(Conditions(), desk.table.access, delayed=False)
    desk.want(1)
    desk.broker.tick(1, last=5)
    began = desk.now

    def away() -> dict[str, datetime]:
        at = NOON + timedelta(seconds=desk.now - began)
        return data.read({1}, desk.table.held, desk.now, at).farms_away

    data.take(Upstream.FARM_BROKEN, "broken:usfarm", now)
    assert away() == {}
    desk.now += LEAST_S + 1.0
    assert away() == {"usfarm": now}
    desk.broker.tick(1, last=6)
    assert away() == {}
