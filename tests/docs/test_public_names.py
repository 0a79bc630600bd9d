"""Pages use public names alone: what they import of ours is `from slotwise import NAME`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

import slotwise
from tests.docs.test_pages import PAGES, blocks_of
from tests.support.compose import ROOT

OURS = ("slotwise", "tasks", "workers", "tws_simulator", "slotwise_start", "benchmarks")
#: Imports in a sentence, and a public name by its full name.
_INLINE_IMPORT = re.compile(r"`(from [\w.]+ import [\w, ]+|import [\w.]+)`")
_DOTTED = re.compile(r"`slotwise\.(\w+)\(")


def imports() -> Iterator[tuple[str, str, str]]:
    """Yield page, module and name of each import of ours; the name is empty for a module alone."""
    for page in PAGES:
        text = page.read_text()
        code = [block for language, block in blocks_of(text) if language == "python"]
        for part in (*code, *_INLINE_IMPORT.findall(text)):
            for node in ast.walk(ast.parse(part)):
                found: list[tuple[str, str]] = []
                if isinstance(node, ast.ImportFrom):
                    found = [(node.module or "", one.name) for one in node.names]
                elif isinstance(node, ast.Import):
                    found = [(one.name, "") for one in node.names]
                for module, name in found:
                    if module.partition(".")[0] in OURS:
                        yield str(page.relative_to(ROOT)), module, name


@pytest.mark.parametrize(("page", "module", "name"), sorted(set(imports())))
def test_a_page_imports_public_names_alone(page: str, module: str, name: str) -> None:
    assert module == "slotwise"
    assert not name or name in slotwise.__all__
    assert not name or getattr(slotwise, name).__name__ == name


def test_a_public_name_that_a_page_calls_exists() -> None:
    called = {name for page in PAGES for name in _DOTTED.findall(page.read_text())}
    assert {"value_of", "verify_alert"} <= called <= set(slotwise.__all__)


def test_what_an_author_needs_is_public() -> None:
    """A client, strategies, positions, quotes, handlers, reconciliation, the past, settings."""
    assert set(slotwise.__all__) >= {
        "Client", "connect", "Strategy", "StrategyRegistry", "activate_strategy", "close_strategy",
        "open_registry", "Position", "Snapshot", "Contract", "PositionUpdate", "value_of", "Quote",
        "Handler", "HandlerHub", "DeltaLakePositionWriter", "PositionReconciler", "Report", "Break",
        "request_report", "verify_alert", "positions_as_of", "Settings", "read_settings",
        "SlotwiseError", "InputError", "ContractSeen", "ContractUnseen", "ConnectionState",
        "VerdictStatus",
    }  # fmt: skip
