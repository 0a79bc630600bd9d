"""Two beats and two lake workers by mistake are harmless."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.support.effort import with_effort
from tests.walks.running_stack import running_stack
from workers.stack.child import Child
from workers.stack.processes import celery_specs


@with_effort
@pytest.mark.timeout(120)
def test_two_beats_and_two_lake_workers_land_each_item_once(tmp_path: Path) -> None:
    with running_stack(tmp_path, positions=60) as stack:
        second: list[Child] = []
        for spec in celery_specs(stack.env, tmp_path, flower_port=0):
            if spec.name in ("beat", "lake worker"):
                argv = tuple(part.replace("lake@%h", "lake2@%h") for part in spec.argv)
                second.append(stack.children.start(msgspec.structs.replace(spec, argv=argv)))

        def ended() -> list[tuple[str]]:
            return stack.sql("SELECT item_id FROM {position_queue} WHERE state = 'succeeded'")

        stack.eventually(lambda: len(ended()) >= 180, 60, "three polls have landed")
        assert all(child.exit_status is None for child in second)
        items = ended()
        rows = stack.sql(
            "SELECT item_id, count(*) FROM {position_updates}"
            " WHERE item_id IS NOT NULL GROUP BY item_id"
        )
    assert len(items) == len(set(items)), "an item ends once"
    counts = dict(rows)
    assert {counts.get(item_id) for (item_id,) in items} == {1}
