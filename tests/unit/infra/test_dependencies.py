"""What an installed package imports is among its declared dependencies."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.support.compose import ROOT

PROJECTS = {
    "pyproject.toml": ("slotwise", "slotwise_start", "tasks", "workers"),
    "tws_simulator/pyproject.toml": ("tws_simulator",),
}
#: Imported where present, or part of a declared distribution (kombu, billiard and vine of celery;
#: tornado of flower; pydantic of pydantic-settings; click of typer; eventkit of ib_async).
BROUGHT = {
    "amqp", "billiard", "click", "eventkit", "kombu", "pydantic", "tornado", "tws_simulator",
    "vine",
}  # fmt: skip

#: A file that needs an extra, which it names where that is not installed, and the extra.
OF_EXTRAS = {"slotwise/report/png.py": "plot"}


def imported(file: Path) -> set[str]:
    """Name the packages that a file imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("project", PROJECTS)
def test_a_package_imports_only_what_it_declares(project: str) -> None:
    described = tomllib.loads((ROOT / project).read_text())["project"]
    declared = _names(described["dependencies"])
    missing = set()
    for package in PROJECTS[project]:
        for file in (ROOT / package).rglob("*.py"):
            extra = OF_EXTRAS.get(str(file.relative_to(ROOT)))
            more = _names(described["optional-dependencies"][extra]) if extra else set()
            brought = BROUGHT.union(*(packages_of(one) for one in declared | more))
            ours = sys.stdlib_module_names | set(PROJECTS[project])
            missing |= {
                f"{name} in {file.relative_to(ROOT)}" for name in imported(file) - ours - brought
            }
    assert missing == set()


@cache
def packages_of(name: str) -> frozenset[str]:
    """Name the packages that an installed distribution brings."""
    files = distribution(name).files or []
    return frozenset(file.parts[0].removesuffix(".py") for file in files)


def _names(needs: list[str]) -> set[str]:
    """Return the distributions that requirements name."""
    return {_normal(re.split(r"[\[<>=!;~ ]", need)[0]) for need in needs}


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
