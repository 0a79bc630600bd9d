"""The systemd units start commands that exist, in a sandbox, each role once."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tests.support.compose import ROOT
from workers.commands.root import command_line

UNITS = ROOT / "infra" / "systemd"
ROLES = sorted(UNITS.glob("roles/*.env"))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.stem)
def test_a_role_is_a_command_of_ours(role: Path) -> None:
    words = role.read_text().strip().removeprefix("COMMAND=").split()
    command = get_command(command_line())
    with command.make_context("slotwise", words[:1], resilient_parsing=True):
        assert isinstance(command, TyperGroup)
        found = command.commands[words[0]]
    found.make_context(words[0], words[1:]).close()


def test_the_target_starts_every_role() -> None:
    wanted = set(re.findall(r"slotwise@(\w+)\.service", (UNITS / "slotwise.target").read_text()))
    assert wanted == {role.stem for role in ROLES}


def test_a_unit_is_shut_in_and_started_again() -> None:
    unit = (UNITS / "slotwise@.service").read_text()
    for line in (
        "User=slotwise", "Restart=always", "NoNewPrivileges=true", "ProtectSystem=strict",
        "CapabilityBoundingSet=", "PrivateTmp=true", "MemoryMax=1G",
    ):  # fmt: skip
        assert re.search(f"^{re.escape(line)}$", unit, re.MULTILINE), line


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Where systemd is installed."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    for name in ("slotwise@.service", "slotwise.target"):
        text = (UNITS / name).read_text().replace("/opt/slotwise/bin/slotwise", "/bin/true")
        (tmp_path / name).write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "slotwise@worker.service")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    complaints = [line for line in verified.stderr.splitlines() if "slotwise" in line]
    assert not complaints
