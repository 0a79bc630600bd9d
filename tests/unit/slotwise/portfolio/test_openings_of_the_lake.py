"""The start of a day in the lake names what was held then, also what is held no longer."""

from __future__ import annotations

from slotwise.client.past import past_holdings
from slotwise.lake.openings import openings_of_day
from slotwise.lake.store import Lake
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, contract, option, position

YESTERDAY = -86_400.0


def land(lake: Lake, seconds: float, **held: int) -> None:
    """Land what is held of share 1 and put 2 at a time."""
    contracts = {"share": contract(1, symbol="SPY"), "put": option(2)}
    rows = [
        position_row(
            position(contracts[name].con_id, quantity, contract=contracts[name],
                     observed_at=at(seconds), sequence=int(seconds) + 100_000),
            None, source="batch",
        )
        for name, quantity in held.items()
    ]  # fmt: skip
    put(lake, "position_updates", rows, at(seconds))


def test_what_was_closed_today_is_named_as_it_was_recorded(lake: Lake) -> None:
    land(lake, YESTERDAY, share=5, put=-2)
    land(lake, 0, share=7, put=0)
    found = past_holdings(lake, at(60))
    assert [(one.what, one.contract, int(one.before), int(one.after)) for one in found.changes] == [
        ("changed", "SPY", 5, 7),
        ("closed", "SPY 20261218 P 560", -2, 0),
    ]


def test_on_the_first_day_of_the_record_its_first_states_have_names_too(lake: Lake) -> None:
    land(lake, 0, share=5, put=-2)
    openings = openings_of_day(lake, NOON)
    assert openings.name_of((ACCOUNT, 2)) == "SPY 20261218 P 560"
    assert openings.name_of((ACCOUNT, 99)) == "99"
    land(lake, 700, put=0)
    assert [one.what for one in past_holdings(lake, at(760)).changes] == ["closed"]
