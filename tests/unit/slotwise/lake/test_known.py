"""An empty answer means "nothing was held" only where the lake can know that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slotwise.errors import NotKnownError
from slotwise.lake.arrow import to_batch
from slotwise.lake.known import check_empty_answer, check_moment
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.rules.valuation import position_row
from tests.support.values import NOON, at, position


def _land(lake: Lake, account: str) -> None:
    row = position_row(position(1, account=account), None, source="batch")
    append_rows(lake, POSITION_UPDATES.name, to_batch([row], POSITION_UPDATES.sent))


def test_known_moment_is_not_in_the_future() -> None:
    check_moment(NOON, NOON)
    check_moment(NOON + timedelta(seconds=1), NOON)
    with pytest.raises(NotKnownError, match="in the future"):
        check_moment(NOON + timedelta(minutes=1), NOON)


def test_known_of_a_lake_without_rows_is_nothing(lake: Lake) -> None:
    with pytest.raises(NotKnownError, match="nothing has landed yet"):
        check_empty_answer(lake, NOON, None)


def test_known_begins_with_the_first_row(lake: Lake) -> None:
    _land(lake, "DU1")
    check_empty_answer(lake, at(1), None)
    with pytest.raises(NotKnownError, match="before the first row"):
        check_empty_answer(lake, at(-1), None)


def test_known_accounts_are_those_that_rows_name(lake: Lake) -> None:
    _land(lake, "DU1/Growth")
    check_empty_answer(lake, at(1), "DU1")
    check_empty_answer(lake, at(1), "DU1/Growth")
    with pytest.raises(NotKnownError, match="no row names account 'DU2'"):
        check_empty_answer(lake, at(1), "DU2")
