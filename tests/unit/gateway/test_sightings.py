"""Handlers receive what the line ledger says, once for each change."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.sighting import ContractSeen, ContractUnseen
from tests.support.values import at, contract
from workers.gateway.lines.sightings import STARTS_S, Sighting, Sightings

EVENTS = (
    "waits", "opened", "first_tick", "silent", "lost", "returned", "refused", "gave_way", "closed",
)  # fmt: skip


def test_a_contract_is_unseen_since_its_last_tick_and_seen_again() -> None:
    sent: list[Sighting] = []
    sightings = Sightings(sent.append)
    one = contract(1)
    sightings.note(one, "opened", "", at(0))
    sightings.note(one, "first_tick", "", at(0.2))
    sightings.note(one, "lost", "dropped", at(5))
    sightings.note(one, "opened", "", at(9))
    sightings.note(one, "returned", "", at(10))
    assert sent == [
        ContractUnseen(contract=one, since=at(5), reason="dropped"),
        ContractSeen(contract=one, unseen_since=at(5), at=at(10)),
    ]


def test_a_first_tick_has_a_while_to_come() -> None:
    sent: list[Sighting] = []
    sightings = Sightings(sent.append)
    sightings.note(contract(1), "opened", "", at(0))
    sightings.look(at(STARTS_S - 0.1))
    assert sent == []
    sightings.look(at(STARTS_S))
    sightings.look(at(STARTS_S + 1))
    [unseen] = sent
    assert isinstance(unseen, ContractUnseen)
    assert unseen.since == at(0)


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(EVENTS)), max_size=60))
def test_whatever_happens_seen_follows_unseen_and_is_as_the_ledger_says(
    events: list[tuple[int, str]],
) -> None:
    """Of each contract no state comes twice, unless it was not wanted in between."""
    sent: list[Sighting] = []
    sightings = Sightings(sent.append)
    unseen: set[int] = set()
    for second, (con_id, event) in enumerate(events):
        count = len(sent)
        sightings.note(contract(con_id), event, "", at(second))  # type: ignore[arg-type]  # a name
        for one in sent[count:]:
            if isinstance(one, ContractSeen):
                assert event in ("first_tick", "returned")
                assert con_id in unseen
                assert one.at - one.unseen_since >= timedelta(0)
            else:
                assert con_id not in unseen
        if event in ("first_tick", "returned", "closed"):
            unseen.discard(con_id)
        elif event != "opened":
            unseen.add(con_id)
