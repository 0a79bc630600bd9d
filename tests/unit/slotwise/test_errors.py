"""One tree of errors: who catches the root catches all; the class says whose fault it is."""

from __future__ import annotations

import inspect

import pytest

from slotwise import errors
from slotwise.errors import RequestRefusedError, SlotwiseError

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_is_in_the_tree_and_says_what_it_means(kind: type[Exception]) -> None:
    assert issubclass(kind, SlotwiseError)
    assert kind.__doc__
    assert kind is SlotwiseError or kind.__name__.endswith("Error")


def test_a_refused_request_keeps_tws_code_and_names_the_contract() -> None:
    error = RequestRefusedError(200, "No security definition", 761)
    assert str(error) == "TWS error 200 for contract 761: No security definition"
    assert (error.code, error.con_id) == (200, 761)
    assert str(RequestRefusedError(321, "x")) == "TWS error 321: x"
