"""Profiles name the packages and functions in which samples were taken, and say where none were."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.profile import sampled, times_of
from benchmarks.profile_figures import (
    Profile,
    Timed,
    by_owner,
    functions,
    memory_table,
    package_of,
    packages,
    parse_raw,
    profile_table,
    times_table,
)

RAW = """\
process 7:"python -m x";main (workers/gateway/main.py);loads (json/a.py);decode (json/b.py) 6
process 7:"python -m x";main (workers/gateway/main.py);loads (json/a.py) 2
main (workers/gateway/main.py) 2
run (threading.py);Condition.wait (threading.py) 90
"""
#: A process that computes in one function alone, until it is ended.
SPIN = "def spin():\n while True: sum(range(1000))\nspin()"


def test_stacks_are_read_without_the_words_about_their_process() -> None:
    found = parse_raw(RAW)
    assert sum(found.values()) == 100
    assert found[("main (workers/gateway/main.py)",)] == 2
    assert parse_raw("") == {}


def test_no_path_of_a_machine_is_in_a_frame() -> None:
    [stack] = parse_raw("<module> (/home/me/.venv/bin/celery);f (a/b.py) 1")
    assert stack == ("<module> (bin/celery)", "f (a/b.py)")


@pytest.mark.parametrize(
    ("frame", "package"),
    [
        ("decode (json/decoder.py)", "json"),
        ("main (workers/gateway/main.py)", "workers/gateway"),
        ("_Lane._run (slotwise/handlers.py)", "slotwise"),
        ("wait (threading.py)", "threading"),
        ("_find (<frozen importlib._bootstrap>)", "importlib"),
    ],
)
def test_a_frame_is_of_its_package_and_ours_of_their_folder(frame: str, package: str) -> None:
    assert package_of(frame) == package


def test_shares_are_of_own_code_and_of_what_is_called_and_waits_are_none() -> None:
    stacks = {stack: n for stack, n in parse_raw(RAW).items() if "wait" not in stack[-1]}
    assert packages(stacks)[0] == ("json", 0.8, 0.8)
    assert packages(stacks)[1] == ("workers/gateway", 0.2, 1.0)
    assert functions(stacks)[0] == ("decode (json/b.py)", 0.6, 0.6)
    [first, *_] = profile_table("t", [Profile("gateway", parse_raw(RAW))]).rows
    assert first == ("gateway, 10 samples", "json", "80", "80")


def test_a_process_without_samples_is_named_with_the_reason() -> None:
    table = profile_table("t", [Profile("one", {}, "not permitted"), Profile("two", {})])
    assert [row[1] for row in table.rows] == [
        "no samples: not permitted",
        "no samples: it was idle",
    ]


def test_a_sampler_that_does_not_start_is_reported_and_the_block_is_run(tmp_path: Path) -> None:
    done = []
    with sampled(tmp_path, {"one": 1}, sampler=tmp_path / "missing") as profiles:
        done.append(True)
    assert done == [True]
    assert profiles[0].refused.startswith("missing does not start")


def test_samples_of_a_process_are_in_the_function_that_computes(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", SPIN])
    try:
        with sampled(tmp_path, {"spin": process.pid}) as profiles:
            time.sleep(0.5)
    finally:
        process.kill()
        process.wait()
    [profile] = profiles
    if profile.refused:
        pytest.skip(f"this system takes no samples: {profile.refused}")
    assert functions(profile.stacks)[0].name == "spin (<string>)"


def test_times_of_functions_are_of_one_call() -> None:
    def inner() -> None:
        time.sleep(0.01)

    def work() -> None:
        inner()
        inner()

    found = times_of(work, 2)
    [name] = [name for name in found if name.startswith("work ")]
    assert 20 <= found[name].whole_ms < 200
    assert found[name].own_ms < 10
    table = times_table("t", {"day 1": {"f": Timed(1.0, 2.0)}, "day 2": {"g": Timed(3.0, 4.0)}})
    assert table.rows == (("g", "0", "3", "0", "4"), ("f", "1", "0", "2", "0"))


def test_memory_is_of_packages_and_of_what_belongs_to_no_file() -> None:
    found = by_owner(
        {
            "[heap]": 5,
            "[anon]": 6,
            "/home/me/.venv/lib/python3.11/site-packages/pyarrow/libarrow.so.2600": 7,
            "/home/me/.venv/lib/python3.11/site-packages/pyarrow/lib.so": 1,
            "/usr/lib/libpython3.11.so.1.0": 3,
        }
    )
    assert found == {"own data, of no file": 11, "pyarrow": 8, "libpython3.11": 3}
    table = memory_table("t", {"gateway": {"a": 2**20}, "bare": {}})
    assert table.rows == (("a", "1", "0"), ("all else", "0", "0"))
