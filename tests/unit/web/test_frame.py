"""Frames: what a page gets, and that changes bring it where the whole would."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given

from slotwise.client.holdings import Holdings
from slotwise.position import Unknown
from tests.support.values import NOON, at
from tests.unit.web.rows import any_holdings, holdings, row
from workers.web.cells import FACTS, LIVE
from workers.web.frame import Frame, FrameBuilder, Headline, change, whole

WELL = Headline(standing="well", sentence="all well")


def sent(message: dict[str, object]) -> Any:
    """Return a message as a page reads it."""
    return msgspec.json.decode(msgspec.json.encode(message))


def applied(page: Any, message: Any) -> Any:
    """Return what a page has after a change; written apart from the page's own code."""
    assert message["before"] == page["number"]
    sums = {}
    for tree, changed in message["sums"].items():
        kept = dict(page["sums"].get(tree, {}))
        for key in message["gone_sums"].get(tree, []):
            del kept[key]
        sums[tree] = kept | changed
    head = ("number", "at", "headline", "trouble", "positions_at", "notes")
    without = {name: page[name] for name in ("facts", "live")}
    for id_ in message["gone"]:
        without = {name: {k: v for k, v in of.items() if k != id_} for name, of in without.items()}
    return {
        "kind": "whole",
        "columns": page["columns"],
        **{name: message[name] for name in head},
        "facts": without["facts"] | message["facts"],
        "live": without["live"] | message["live"],
        "total": page["total"] if message["total"] is None else message["total"],
        "sums": sums,
        "system": page["system"] if message["system"] is None else message["system"],
    }


@given(any_holdings, any_holdings)
def test_change_brings_a_page_where_the_whole_would(one: Holdings, other: Holdings) -> None:
    builder = FrameBuilder(whole_accounts=True)
    before, after = builder.build(1, one, WELL), builder.build(2, other, WELL)
    assert applied(sent(whole(before)), sent(change(before, after))) == sent(whole(after))


@given(any_holdings, any_holdings)
def test_cells_that_are_kept_are_those_that_would_be_made(one: Holdings, other: Holdings) -> None:
    """So nothing old is shown, whatever was there before."""
    kept = FrameBuilder()
    kept.build(1, one, WELL)
    assert kept.build(2, other, WELL) == FrameBuilder().build(2, other, WELL)


def test_change_has_only_what_differs() -> None:
    builder = FrameBuilder()
    before = builder.build(1, holdings(row(1), row(2)), WELL)
    after = builder.build(2, holdings(row(1), row(2, "11")), WELL)
    found = sent(change(before, after))
    assert [name.split()[0] for name in found["live"]] == ["2"]
    assert (found["facts"], found["gone"]) == ({}, [])


def test_cells_are_texts_as_other_outputs_write_them() -> None:
    held = row(7, "1234.5", band=Decimal("0.1250"), symbol="SPY", strategy="put")
    frame = FrameBuilder().build(1, holdings(held), WELL)
    ((facts, live),) = zip(frame.facts.values(), frame.live.values(), strict=True)
    named = dict(zip(FACTS, facts, strict=True)) | dict(zip(LIVE, live, strict=True))
    assert named["quantity"] == "10"
    assert (named["price"], named["band"], named["value"]) == ("1,234.50", "0.125", "12,345.00")
    assert (named["strategy"], named["underlying"], named["expiry"]) == ("put", "SPY", "no expiry")
    assert (named["con_id"], named["gamma"]) == (7, "0.00")


def test_accounts_are_masked_unless_whole_ones_are_asked_for() -> None:
    held = holdings(row(account="DU1234567"))
    assert "DU1234567" not in str(sent(whole(FrameBuilder().build(1, held, WELL))))
    whole_ones = FrameBuilder(whole_accounts=True).build(1, held, WELL)
    assert "DU1234567" in str(sent(whole(whole_ones)))


def test_notes_say_what_the_numbers_lack_and_are_masked() -> None:
    unknown = {"DU1234567": Unknown(since=at(-60), reason="TWS lists other accounts")}
    held = msgspec.structs.replace(holdings(row(value=None)), unknown=unknown)
    builder = FrameBuilder(mask=lambda text: text.replace("DU1234567", "***567"))
    notes = builder.build(1, held, WELL).notes
    assert any("***567" in note for note in notes), notes
    assert not any("DU1234567" in note for note in notes)
    assert any(note.startswith("no price: ") for note in notes)


def test_sums_have_their_prices_and_the_oldest_of_them() -> None:
    frame: Frame = FrameBuilder().build(1, holdings(row(1, age_s=3), row(2, None)), WELL)
    (total,) = frame.total
    assert (total.priced, total.holdings) == (1, 2)
    assert total.oldest_at == int(at(-3).timestamp() * 1000)
    ((line,),) = frame.sums["strategy"].values()
    assert line == total
    assert set(frame.sums["underlying,expiry"]) == {
        '["S1"]', '["S1","no expiry"]', '["S2"]', '["S2","no expiry"]',
    }  # fmt: skip
    assert frame.at == NOON
