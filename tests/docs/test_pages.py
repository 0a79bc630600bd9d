"""What the docs say is so: pages are up to date, links lead somewhere, commands and code run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from tests.docs import each_command
from tests.docs.tables_page import PAGE, page
from tests.support.clean_environment import build_wheel
from tests.support.compose import ROOT
from tests.walks.running_stack import RunningStack, running_stack
from tws_simulator.command import simulator
from workers.commands.root import COMMANDS, FORMER, command_line

PAGES = (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tws_simulator" / "README.md")
#: Commands that run until they are stopped, or for a minute (a probe). Walks, chaos, the compose
#: test and `tests/integration` run each of them.
LASTING = {
    "gateway", "worker", "beat", "flower", "simulator", "up", "demo", "top", "monitor", "web",
    "handle", "probe",
}  # fmt: skip
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(slotwise [a-z][^`]*|tws-simulator -[^`]*)`")
#: What stands for a reader's own word or number.
_PLACES = {"CONID": "756733", "FILE": "file"}


def blocks_of(text: str) -> list[tuple[str, str]]:
    """Return language and text of each block of code of a page."""
    return _BLOCK.findall(text)


def commands() -> list[str]:
    """Return every command of every page, without its remark."""
    found = set()
    for file in PAGES:
        text = file.read_text()
        for language, block in _BLOCK.findall(text):
            if language in ("", "sh"):
                lines = re.findall(
                    r"^ *(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?((?:slotwise|tws-simulator) .*)$",
                    block, re.MULTILINE,
                )  # fmt: skip
                found |= {line.partition(" #")[0].strip() for line in lines}
        # A line may end within it.
        found |= {" ".join(inline.split()) for inline in _INLINE.findall(text)}
    for place, word in _PLACES.items():
        found = {re.sub(rf"\b{place}\b", word, one) for one in found}
    return sorted(one for one in found if not re.search(r"[A-Z]{4}|\.\.\.|…", one))


def code() -> dict[str, str]:
    """Give the programs of the page for authors by their names."""
    text = (ROOT / "docs" / "strategy-authors.md").read_text()
    blocks = [block for language, block in _BLOCK.findall(text) if language == "python"]
    named = {re.match(r"# (\w+\.py)\n", block): block for block in blocks}
    return {name[1]: block for name, block in named.items() if name is not None}


def test_the_page_of_tables_is_made_of_the_schemas() -> None:
    """`python -m tests.docs.tables_page` makes it again."""
    assert PAGE.read_text() == page()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_and_pictures_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (file.parent / target).exists(), target


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_docs_is_understood(command: str) -> None:
    """Its words and options exist; what needs more than the page shows is not a command."""
    program, *words = shlex.split(command)
    if program == "tws-simulator":
        app = typer.Typer()
        app.command()(simulator)
        get_command(app).make_context(program, words).close()
        return
    found = get_command(command_line([*COMMANDS, *FORMER]))
    path = []
    while words and hasattr(found, "commands") and words[0] in found.commands:
        path.append(words[0])
        found = found.commands[words.pop(0)]
    assert path, command
    if words or not hasattr(found, "commands"):
        required = [p for p in found.params if p.required]
        bare = not words and bool(required)
        if not bare:
            found.make_context(path[-1], words).close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Run the whole system, with the page's handler in its gateway."""
    folder = tmp_path_factory.mktemp("desk")
    for name, text in code().items():
        (folder / name).write_text(text)
    # The gateway alone imports handlers; a module path of its own costs a new interpreter's start.
    env = {
        "SLOTWISE_HANDLERS": "my_desk:Alarm,my_watch:Watch",
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
    }
    with running_stack(folder, positions=60, gateway_env=env) as stack:
        stack.eventually(
            lambda: (stack.lake / "position_updates").exists()
            and bool(stack.sql("select 1 from {position_updates} where source = 'batch' limit 1")),
            60, "rows",
        )  # fmt: skip
        yield stack


@pytest.mark.parametrize("name", ["desk.py", "past.py", "read.py", "check.py"])
def test_the_code_for_authors_runs(desk: RunningStack, name: str) -> None:
    ended = subprocess.run(
        [sys.executable, str(desk.folder / name)],
        env={**os.environ, **desk.env}, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    last = ended.stdout.splitlines()[-1]
    assert last in ("closed", "matched 60", "True") or last.endswith(" symbols")


def test_the_handler_for_authors_gets_updates_and_raises_nothing(desk: RunningStack) -> None:
    assert "my_desk" not in code()["read.py"]
    log = (desk.folder / "logs" / "gateway.log").read_text(errors="replace")
    assert "handler failed" not in log
    assert {
        "my_desk.py",
        "my_watch.py",
        "desk.py",
        "past.py",
        "read.py",
        "check.py",
        "follow.py",
    } == set(code())


def test_the_client_for_authors_receives_updates(desk: RunningStack) -> None:
    opened = desk.slotwise("strategies", "activate", "condor-spy", "--legs", "SPY")
    assert opened.returncode == 0, opened.stderr
    printed = desk.folder / "follow.txt"
    with printed.open("w") as file:
        client = subprocess.Popen(
            [sys.executable, "-u", str(desk.folder / "follow.py")],
            env={**os.environ, **desk.env}, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        desk.eventually(lambda: "\nSPY (Decimal" in printed.read_text(), 60, "a price of SPY")
    finally:
        client.kill()
        client.wait()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it: what an installation has, without the checkout beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(build_wheel(ROOT, folder)) as packed:
        packed.extractall(unpacked)
    return unpacked


def test_every_command_of_the_docs_runs_from_the_wheel(desk: RunningStack, wheel: Path) -> None:
    """With a status that its help names, an answer unless that is a file, and no traceback."""
    env = {**os.environ, **desk.env, "PYTHONPATH": str(wheel)}
    for package in ("slotwise", "tasks", "workers"):
        code_ = f"import {package}; print({package}.__file__)"
        shown = subprocess.run(
            [sys.executable, "-P", "-c", code_],
            env=env, cwd=desk.folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert Path(shown.stdout.strip()).is_relative_to(wheel), shown.stdout
    short = [
        command
        for command in commands()
        if command.startswith("slotwise ") and command.split()[1] not in LASTING
    ]
    assert len(short) > 10
    try:
        run = subprocess.run(
            [sys.executable, "-P", str(Path(each_command.__file__))],
            env=env, cwd=desk.folder, input=json.dumps(short),
            capture_output=True, text=True, timeout=110, check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"not done in 110 s: {(late.stderr or b'').decode()}") from late
    for command, (status, wrote) in json.loads(run.stdout).items():
        assert status in (0, 1, 2), (command, wrote)
        assert wrote or "--parquet" in command, command
        assert "Traceback" not in wrote, command
