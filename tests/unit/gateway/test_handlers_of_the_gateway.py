"""Handlers: the one that lands streamed updates, and those named in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pytest

from slotwise.errors import InputError
from slotwise.handlers import Handler
from slotwise.position_writer import DeltaLakePositionWriter
from slotwise.rules.landing import Head, Rows
from slotwise.update import PositionUpdate
from tests.support.values import at, option, position, quote
from workers.gateway.user_handlers import load_handlers


class Named:
    """A handler as a user writes one."""

    name = "named"

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        """Do nothing."""


class Nameless:
    """No handler."""


HERE = __name__


def test_updates_become_rows() -> None:
    """One row per holding, valued, with its most important strategy."""
    sent: list[tuple[Head, pa.RecordBatch]] = []
    writer = DeltaLakePositionWriter(lambda head, rows: sent.append((head, rows)))
    assert isinstance(writer, Handler)
    writer.on_updates(
        [
            PositionUpdate(
                position=position(1, -2, contract=option(1)),
                quote=quote(1, bid=3, ask=5, source="stream", observed_at=at(4)),
                strategies=("first", "second"),
                observed_at=at(6),
            ),
            PositionUpdate(position=position(2), quote=None, strategies=(), observed_at=at(6)),
        ]
    )
    [(head, rows)] = sent
    assert head == Rows("position_updates")
    priced, unpriced = rows.to_pylist()
    assert (priced["source"], priced["strategy"]) == ("stream", "first")
    assert (priced["price"], priced["market_value"]) == (Decimal(4), Decimal(-800))
    assert (priced["quote_age_s"], priced["observed_at"]) == (2.0, at(6))
    assert (unpriced["strategy"], unpriced["price"], unpriced["batch_id"]) == (None, None, None)


def test_a_handler_is_found_by_name() -> None:
    """module:Class, made without arguments."""
    [handler] = load_handlers([f"{HERE}:Named"])
    assert handler.name == "named"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nonsense", "not of the form module:Class"),
        ("no.such.module:X", "No module named"),
        (f"{HERE}:Missing", "Missing"),
        (f"{HERE}:Nameless", "needs a name and a method"),
    ],
)
def test_a_bad_handler_is_one_clear_line(name: str, reason: str) -> None:
    """Said before anything begins."""
    with pytest.raises(InputError, match=reason) as caught:
        load_handlers([name])
    assert "\n" not in str(caught.value)


def test_a_handler_that_an_installed_module_stands_before_is_named_with_its_file() -> None:
    """The user's own `redis.py` is not imported, and the line shows what was."""
    with pytest.raises(InputError, match=r"'redis:Alarm' cannot be loaded: .*\(in .*redis/__init"):
        load_handlers(["redis:Alarm"])
