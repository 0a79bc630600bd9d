"""One part of an entry that cannot land is set aside alone; what stands beside it lands."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.head_faults import QueueHead, parted
from slotwise.lake.lander import Lander
from slotwise.lake.queries import entries_set_aside
from slotwise.lake.set_aside import fit_to_land
from slotwise.lake.store import Lake
from slotwise.rules.landing import Entry, Head, Inserted, Leased, Origin, Retried, Rows
from slotwise.rules.position_queue import Batch, NewItem, QueueRow
from tests.support.memory_stream import MemoryStream
from tests.support.values import ACCOUNT, NOON, at, item

NAMELESS = NewItem("i9", "", 8021, 2)


def batch(name: str, *items: NewItem) -> Batch:
    return Batch(batch_id=name, leased_at=NOON, lease_until=at(60), items=items)


def failed_row(number: int, account: str = "DU1") -> QueueRow:
    return QueueRow(
        item_id=f"i{number}", account=account, con_id=number, priority=2, state="failed",
        revision=3, attempt=5, inserted_at=NOON,
    )  # fmt: skip


def test_an_item_without_an_account_is_set_aside_and_its_poll_lands(lake: Lake) -> None:
    """Each once, also where the entry is read again after a crash."""
    stream = MemoryStream()
    stream.append(Inserted((item(1), NAMELESS, item(2)), NOON))
    kept = stream.read(0, 10)
    lander = Lander(lake, stream)
    lander.land(at(1))
    assert lander.queue(at(2)).pending() == {(ACCOUNT, 1), (ACCOUNT, 2)}
    [aside] = entries_set_aside(lake)
    assert aside.reason == "account is empty"
    assert msgspec.msgpack.decode(aside.head, type=Head) == Inserted((NAMELESS,), NOON)
    stream._entries = kept  # it died before it dropped them
    Lander(lake, stream).land(at(2))
    assert len(entries_set_aside(lake)) == 1


def test_both_halves_of_a_spools_entry_land_once(lake: Lake) -> None:
    """Redis lost it after it had landed, and the spool sends it again."""
    stream = MemoryStream()
    for _ in range(2):
        stream.append(Inserted((item(1), NAMELESS), NOON), origin=Origin("s", 1))
        Lander(lake, stream).land(at(1))
    assert len(entries_set_aside(lake)) == 1
    assert Lander(lake, stream).queue(at(2)).count("waiting") == 1


def test_a_head_is_parted_where_its_parts_do_not_need_each_other() -> None:
    good, odd = item(1), NAMELESS
    overdue = (("i3", "b0"), ("", "b0"))
    examples: list[tuple[QueueHead, QueueHead | None, QueueHead | None]] = [
        (Inserted((good,), NOON), Inserted((good,), NOON), None),
        (Inserted((), NOON), Inserted((), NOON), None),
        (Inserted((odd,), NOON), None, Inserted((odd,), NOON)),
        (
            Retried((failed_row(1), failed_row(2, "")), NOON),
            Retried((failed_row(1),), NOON),
            Retried((failed_row(2, ""),), NOON),
        ),
        (
            Leased(overdue, (batch("b1", good, odd), batch("b2", odd)), NOON, ("b0",)),
            Leased(overdue[:1], (batch("b1", good),), NOON, ("b0",)),
            Leased(overdue[1:], (batch("b1", odd), batch("b2", odd)), NOON),
        ),
    ]
    for head, fit, unfit in examples:
        found = parted(head)
        assert (found.fit, found.unfit) == (fit, unfit)
        assert bool(found.fault) is (unfit is not None)


def test_a_time_that_all_parts_share_fails_them_all() -> None:
    head = Inserted((item(1),), NOON.replace(tzinfo=None))
    assert parted(head).fit is None
    assert "has no zone" in parted(head).fault


ITEMS = st.lists(
    st.builds(
        NewItem,
        item_id=st.sampled_from(["i1", "i2", "", " "]),
        account=st.sampled_from(["DU1", "", " "]),
        con_id=st.sampled_from([1, -1, 2**63 - 1, 2**63]),
        priority=st.sampled_from([1, 2, 2**31]),
    ),
    max_size=6,
).map(tuple)


@given(ITEMS)
def test_each_item_lands_as_it_would_alone(items: tuple[NewItem, ...]) -> None:
    """In its order, and none is lost: what does not land is set aside."""
    parts = fit_to_land(Entry(7, Inserted(items, NOON)))
    assert {one.offset for one in parts} == {7}
    alone = [fit_to_land(Entry(7, Inserted((one,), NOON))) for one in items]
    fit = [part.head.items[0] for [part] in alone if isinstance(part.head, Inserted)]
    landed = [one for part in parts if isinstance(part.head, Inserted) for one in part.head.items]
    assert landed == fit
    asides = [part for part in parts if isinstance(part.head, Rows)]
    assert len(asides) == (len(fit) < len(items))
