"""Bad days of the lake under running processes: it vanishes, is torn, or others write to it.

Lines stay, nothing is written in its place, each process says one line, and rows land again within
30 s of the end of the cause.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

from slotwise.lake.disk import commit_file
from slotwise.lake.store import Lake
from tests.support.independent_reader import arrow_schema
from tests.support.lake_stack import BACK_S, MEANT, MISTAKE, LakeStack
from workers.stack.child import wait_until

#: How long a cause lasts, seconds: several beats and polls.
LASTS_S = 5.0
ACTIVE = 3


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakeStack]:
    stack = LakeStack(tmp_path_factory.mktemp("lake-days"))
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def test_a_first_start_makes_the_lake_and_a_command_activates(stack: LakeStack) -> None:
    legs = ",".join(map(str, stack.contracts()[:ACTIVE]))
    answer = stack.command("strategies", "activate", "desk", "--legs", legs)
    assert answer.returncode == 0, answer.stderr
    assert wait_until(lambda: stack.lines() == ACTIVE, BACK_S)


def test_a_mistake_in_the_env_file_is_one_warning_of_each_process(stack: LakeStack) -> None:
    """All run with it; the setting that was meant is named."""
    warning = f"{MISTAKE} in .env is no setting and is ignored: did you mean {MEANT}?"
    for name in ("gateway", "lake", "poll", "beat"):
        assert stack.log(name).count(warning) == 1, name
    assert stack.all_run()


def test_a_token_of_the_lease_that_is_deleted_is_made_anew(stack: LakeStack) -> None:
    """The lake worker goes on, and remembers nothing of before."""
    key, before = stack.bus.key("lease", "lake", "token"), len(stack.log("lake"))
    token = stack.bus.redis.get(key)
    stack.bus.redis.delete(key)
    # A landing that was under way has its token already.
    assert wait_until(lambda: stack.bus.redis.get(key) not in (None, token), BACK_S)
    rows = stack.rows()
    assert wait_until(lambda: stack.rows() > rows, BACK_S), stack.log("lake")
    new_log = stack.log("lake")[before:]
    assert not re.search("Traceback|error|refuses", new_log), new_log


def test_a_column_of_another_engine_is_kept_and_left_null(stack: LakeStack) -> None:
    """It is added while rows land, and lands do not stop."""
    before, length = stack.rows(), len(stack.log("lake"))
    handle = DeltaTable(stack.lake.uri("position_updates"))
    handle.alter.add_columns([Field("desk_note", PrimitiveType("string"), nullable=True)])
    assert wait_until(lambda: stack.rows() > before, BACK_S), stack.log("lake")
    [found] = stack.ask("SELECT count(*) AS n, count(desk_note) AS noted FROM position_updates")
    assert found["noted"] == 0
    assert "refuses" not in stack.log("lake")[length:]


def test_rows_of_another_engine_with_nulls_are_skipped_and_named(stack: LakeStack) -> None:
    """Reconciliation and landing go on; one line in a log names the row."""
    table = stack.lake.uri("position_updates")
    columns = arrow_schema(DeltaTable(table))
    row = dict.fromkeys(columns.names) | {
        "date": datetime.now(UTC).date(),
        "account": "DU-other",
        "con_id": 424242,
        "observed_at": datetime.now(UTC),
        "landed_at": datetime.now(UTC),
    }
    before = stack.rows()
    write_deltalake(table, pa.Table.from_pylist([row], columns), mode="append")
    for _ in range(2):
        answer = stack.command("reconcile")
        assert answer.returncode in (0, 1), answer
        assert "Missing required argument" not in answer.stdout + answer.stderr
    assert wait_until(lambda: stack.rows() > before + 1, BACK_S), stack.log("lake")
    poll_log = stack.log("poll")
    assert poll_log.count("row of the lake skipped") == 1, poll_log
    assert "con_id=424242" in poll_log
    assert "Traceback" not in poll_log + stack.log("lake")


def newest_are_in_a_checkpoint(stack: LakeStack, table: str) -> bool:
    """Return whether the two newest commits are in one, and so are not missed."""
    newest = DeltaTable(stack.lake.uri(table)).version()
    log = commit_file(stack.mount / table, newest).parent
    return any(list(log.glob(f"{v:020}.checkpoint*")) for v in (newest, newest - 1))


def kill_between_checkpoints(stack: LakeStack) -> None:
    """End the lake worker when its newest commits are in no checkpoint yet."""
    stack.kill("lake")
    while any(newest_are_in_a_checkpoint(stack, t) for t in ("position_updates", "position_queue")):
        wait_for_landing(stack)
        stack.kill("lake")


def wait_for_landing(stack: LakeStack) -> None:
    landed = stack.rows()
    stack.children["lake"].start()
    assert wait_until(lambda: stack.rows() > landed, BACK_S)


def test_a_lake_torn_by_a_power_cut_is_named_repaired_and_lands_on(stack: LakeStack) -> None:
    """The newest commit is torn, one of another table is missing, and a checkpoint is torn."""
    kill_between_checkpoints(stack)
    before, refused = stack.rows(), stack.log("lake").count("the lake refuses")
    for name in ("position_updates", "position_queue", "strategy_registry"):
        handle, table = DeltaTable(stack.lake.uri(name)), stack.mount / name
        newest = commit_file(table, handle.version())
        match name:
            case "position_updates":
                os.truncate(newest, newest.stat().st_size // 2)
            case "position_queue":
                commit_file(table, handle.version() - 1).unlink()
            case _:
                handle.create_checkpoint()
                [torn] = (table / "_delta_log").glob("*.checkpoint.parquet")
                os.truncate(torn, torn.stat().st_size // 2)
    stack.children["lake"].start()
    assert wait_until(lambda: stack.log("lake").count("the lake refuses") > refused, BACK_S)
    wait_until(lambda: False, LASTS_S / 2)
    assert stack.log("lake").count("the lake refuses") == refused + 1
    assert "see `slotwise lake check`" in stack.log("lake")
    assert stack.lines() == ACTIVE
    checked = stack.command("lake", "check")
    assert checked.returncode == 1
    for fault in ("position_updates: torn tail", "position_queue: missing commit",
                  "strategy_registry: torn checkpoint"):  # fmt: skip
        assert fault in checked.stdout, checked.stdout
    # The lake worker tries each beat; a repair is refused while it does.
    assert wait_until(lambda: stack.command("lake", "repair").returncode == 0, BACK_S)
    assert stack.command("lake", "check").returncode == 0
    assert wait_until(lambda: stack.rows() > before, BACK_S), stack.log("lake")
    assert stack.all_run()
    assert "Traceback" not in stack.log("lake") + stack.log("gateway") + stack.log("poll")


def test_a_lake_that_is_unmounted_waits_and_comes_back(stack: LakeStack) -> None:
    """Lines stay, nothing is written into the mount point, one line says it, and all lands."""
    before, away = stack.rows(), stack.mount.with_name("away")
    counts = {name: stack.log(name).count("there is none") for name in ("lake", "gateway")}
    stack.mount.rename(away)
    stack.mount.mkdir()
    wait_until(lambda: bool(list(stack.mount.iterdir())), LASTS_S)
    assert list(stack.mount.iterdir()) == []
    assert stack.lines() == ACTIVE
    answer = stack.command("strategies", "list")
    assert answer.returncode == 2
    assert "Is its disk mounted" in answer.stderr
    assert stack.log("lake").count("there is none") == counts["lake"] + 1
    stack.mount.rmdir()
    away.rename(stack.mount)
    assert wait_until(lambda: stack.rows() > before, BACK_S), stack.log("lake")
    assert stack.all_run()
    assert "Traceback" not in stack.log("lake") + stack.log("gateway") + stack.log("poll")


def test_another_lake_in_its_place_is_refused_until_it_is_adopted(stack: LakeStack) -> None:
    before, away = stack.rows(), stack.mount.with_name("away")
    stack.mount.rename(away)
    other = Lake(str(stack.mount))
    other.create()
    wait_until(lambda: stack.rows() > 0, LASTS_S / 2)
    assert stack.rows() == 0, "nothing lands in another lake"
    answer = stack.command("strategies", "activate", "wrong", "--legs", "1")
    assert answer.returncode == 2
    assert "another lake" in answer.stderr
    adopted = stack.command("lake", "adopt")
    assert adopted.returncode == 0, adopted.stderr
    assert other.identity()[:8] in adopted.stdout
    assert wait_until(lambda: stack.rows() > 0, BACK_S), stack.log("lake")
    # And back again: the first one is chosen the same way.
    stack.mount.rename(stack.mount.with_name("other"))
    away.rename(stack.mount)
    assert stack.command("lake", "adopt").returncode == 0
    assert wait_until(lambda: stack.rows() > before, BACK_S), stack.log("lake")


@pytest.mark.parametrize("name", ["landing", "lease:lake:token", "status:QueueStatus"])
def test_a_key_of_the_wrong_type_is_named_and_nothing_ends(stack: LakeStack, name: str) -> None:
    """Another program overwrote a key of ours: one line in each log names it, until it is gone."""
    key, before = stack.bus.key(name), stack.rows()
    counts = {one: stack.log(one).count(f"{name} is a ") for one in ("lake", "gateway")}
    stack.bus.redis.delete(key)
    stack.bus.redis.hset(key, "what", "another program left")
    if name == "status:QueueStatus":
        stack.bus.redis.delete(key)
        stack.bus.redis.sadd(key, "x")
    wait_until(lambda: False, LASTS_S)
    stack.bus.redis.delete(key)
    assert wait_until(lambda: stack.rows() > before, BACK_S), stack.log("lake")
    assert stack.all_run()
    for one, count in counts.items():
        assert stack.log(one).count(f"{name} is a ") <= count + 2, one
        assert "Traceback" not in stack.log(one)
    if name == "landing":
        assert stack.log("lake").count("landing is a ") > counts["lake"]


def test_init_makes_a_new_lake_only_where_there_is_none(stack: LakeStack) -> None:
    answer = stack.command("lake", "init")
    assert answer.returncode == 0, answer.stderr
    assert "was there already" in answer.stdout
    stack.mount.rename(stack.mount.with_name("away"))
    answer = stack.command("lake", "init")
    assert answer.returncode == 0, answer.stderr
    assert "made" in answer.stdout
    assert wait_until(lambda: stack.rows() > 0, BACK_S), stack.log("lake")
