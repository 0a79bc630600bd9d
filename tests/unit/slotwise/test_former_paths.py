"""A former path of a module still gives it, and says where it is now."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec

import pytest

from slotwise.former_names import FORMER_NAMES, keep_former_names
from slotwise.former_paths import FORMER


@pytest.mark.parametrize("former", sorted(FORMER))
def test_a_former_path_names_a_module_that_is_there(former: str) -> None:
    assert find_spec(FORMER[former]) is not None


@pytest.mark.parametrize(
    "former", ["slotwise.valuation", "tasks.refusals", "workers.gateway.spool"]
)
def test_an_import_of_a_former_path_gives_the_module_of_today(former: str) -> None:
    sys.modules.pop(former, None)
    with pytest.warns(DeprecationWarning, match=f"{former} is {FORMER[former]} now"):
        assert import_module(former) is import_module(FORMER[former])


def test_it_holds_in_a_new_process_whatever_is_imported_first() -> None:
    for former in ("slotwise.valuation", "workers.gateway.tenancy", "tasks.lake_turn"):
        name = FORMER[former]
        text = f"import {former}, sys, importlib; print({former}.__name__)"
        ended = subprocess.run(
            [sys.executable, "-c", text], capture_output=True, text=True, check=True
        )
        assert ended.stdout.strip() == name


def test_nothing_of_today_is_hidden_by_a_former_path() -> None:
    """The table names what is gone: a module that is there would never be asked for here."""
    for former in FORMER:
        spec = find_spec(former.rpartition(".")[0])
        assert spec is not None
        assert spec.submodule_search_locations is not None
        assert PathFinder.find_spec(former, spec.submodule_search_locations) is None, former


#: A former path of each module that has former names.
PATHS = {today: former for former, today in FORMER.items()}


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module in sorted(FORMER_NAMES) for name in sorted(FORMER_NAMES[module])],
)
def test_a_former_name_gives_the_object_of_today(module: str, name: str) -> None:
    """By the former path of its module, or by its path today."""
    today = import_module(module)
    keep_former_names(today)
    place, _, new = FORMER_NAMES[module][name].rpartition(":")
    with pytest.warns(DeprecationWarning, match=f"{name} is "):
        found = getattr(import_module(PATHS.get(module, module)), name)
    assert found is getattr(import_module(place or module), new)


def test_a_name_that_never_was_is_an_error() -> None:
    module = import_module("slotwise.rotation")
    with pytest.raises(AttributeError, match="has no attribute 'Wishes'"):
        _ = module.Wishes
