"""Book against broker: every difference is one break of its kind, and doubt is never a match."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.clocks import CLOCKS_DIFFER_S
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.position import Position, SnapshotHead, Unknown
from slotwise.reconciliation.reconciler import PositionReconciler, stale
from slotwise.reconciliation.report import Report
from slotwise.rules.valuation import position_row
from tests.support.values import ACCOUNT, NOON, at, contract, head, position

Key = tuple[str, int]

keys = st.tuples(st.sampled_from(["DU1", "DU2"]), st.integers(1, 6))
quantities = st.decimals(-1000, 1000, places=2).filter(bool)
costs = st.decimals(1, 10_000, places=2)
portfolios = st.dictionaries(keys, st.tuples(quantities, costs), max_size=8)


def positions_of(portfolio: dict[Key, tuple[Decimal, Decimal]]) -> list[Position]:
    return [
        position(con_id, account=account, quantity=quantity, avg_cost=cost)
        for (account, con_id), (quantity, cost) in portfolio.items()
    ]


def reconcile(book: list[Position], broker: list[Position], **changes: Any) -> Report:
    times: dict[str, Any] = {"requested_at": NOON, "completed_at": at(1)}
    return PositionReconciler().reconcile(
        book, broker, **{"snapshot": head("s1"), **times, **changes}
    )


def kinds(report: Report) -> list[tuple[int, str]]:
    return [(found.con_id, found.kind) for found in report.breaks]


@given(portfolios)
def test_identical_sides_always_match(portfolio: dict[Key, tuple[Decimal, Decimal]]) -> None:
    broker = positions_of(portfolio)
    report = reconcile(broker[::-1], broker)
    assert (report.status, report.matched, report.breaks) == ("matched", len(portfolio), ())


@given(portfolios.filter(bool), st.data())
def test_a_single_difference_is_exactly_one_break_of_its_kind(
    portfolio: dict[Key, tuple[Decimal, Decimal]], data: st.DataObject
) -> None:
    broker = positions_of(portfolio)
    book = list(broker)
    place = data.draw(st.integers(0, len(broker) - 1))
    changed = broker[place]
    kind = data.draw(
        st.sampled_from(["missing_in_book", "missing_at_broker", "quantity", "avg_cost"])
    )
    match kind:
        case "missing_in_book":
            del book[place]
        case "missing_at_broker":
            del broker[place]
        case "quantity":
            broker[place] = msgspec.structs.replace(changed, quantity=changed.quantity + 2000)
        case "avg_cost":
            assert changed.avg_cost is not None
            broker[place] = msgspec.structs.replace(changed, avg_cost=changed.avg_cost * 2)
    report = reconcile(book, broker)
    assert report.status == "broken"
    [found] = report.breaks
    assert (found.account, found.con_id, found.kind) == (*changed.key, kind)
    assert report.matched == len(portfolio) - 1


@given(portfolios, portfolios)
def test_breaks_are_as_many_from_either_side(
    one: dict[Key, tuple[Decimal, Decimal]], other: dict[Key, tuple[Decimal, Decimal]]
) -> None:
    """What one side misses the other has: the union is compared, not one side's list."""

    def compare(
        book: dict[Key, tuple[Decimal, Decimal]], broker: dict[Key, tuple[Decimal, Decimal]]
    ) -> Report:
        return reconcile(positions_of(book), positions_of(broker))

    there, back = compare(one, other), compare(other, one)
    assert there.matched + len(there.breaks) == len(one.keys() | other.keys())
    swapped = {
        "missing_in_book": "missing_at_broker",
        "missing_at_broker": "missing_in_book",
    }
    seen = {(f.account, f.con_id): f.kind for f in back.breaks if f.kind != "avg_cost"}
    assert {
        (f.account, f.con_id): swapped.get(f.kind, f.kind)
        for f in there.breaks
        if f.kind != "avg_cost"
    } == seen


@given(portfolios, portfolios)
def test_the_same_inputs_give_the_same_report(
    ours: dict[Key, tuple[Decimal, Decimal]], theirs: dict[Key, tuple[Decimal, Decimal]]
) -> None:
    book, broker = positions_of(ours), positions_of(theirs)
    assert reconcile(book, broker) == reconcile(book[::-1], broker[::-1])


def test_each_break_has_an_id_of_its_own() -> None:
    report = reconcile([position(1), position(2)], [position(1, account="DU2"), position(3)])
    assert len({found.break_id for found in report.breaks}) == len(report.breaks) == 4


def test_another_book_or_snapshot_is_another_report() -> None:
    ids = {
        reconcile([position(1)], []).report_id,
        reconcile([position(1, 11)], []).report_id,
        reconcile([position(1)], [], snapshot=head("s2")).report_id,
        reconcile([position(1)], [], account=ACCOUNT).report_id,
    }
    assert len(ids) == 4


def test_a_break_shows_both_sides() -> None:
    [found] = reconcile([position(1, 10)], [position(1, 12, observed_at=at(1))]).breaks
    assert (found.book_quantity, found.broker_quantity) == (Decimal(10), Decimal(12))
    assert (found.book_observed_at, found.broker_observed_at) == (NOON, at(1))
    [missing] = reconcile([], [position(1, 12)]).breaks
    assert (missing.book_quantity, missing.book_avg_cost, missing.book_observed_at) == (None,) * 3


def test_a_holding_of_zero_is_no_position() -> None:
    assert reconcile([position(1, 0)], []).status == "matched"
    assert reconcile([], [position(1, 0)]).matched == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_tolerance_of_average_cost_is_a_fraction_of_the_brokers(sign: int) -> None:
    def found(fraction: str) -> list[tuple[int, str]]:
        book = [position(1, avg_cost=Decimal(100) * (1 + sign * Decimal(fraction)))]
        reconciler = PositionReconciler(avg_cost_tolerance=Decimal("0.0001"))
        report = reconciler.reconcile(
            book, [position(1)], snapshot=head("s1"), requested_at=NOON, completed_at=at(1)
        )
        return kinds(report)

    assert found("0.0001") == []
    assert found("0.0002") == [(1, "avg_cost")]


#: Numbers as TWS sends them: doubles of every size, with the noise of their last digits.
doubles = st.floats(min_value=1e-12, max_value=1e11).map(lambda f: Decimal(str(f)))


@given(doubles, st.none() | doubles)
def test_what_the_lake_stored_of_a_holding_matches_the_holding(
    quantity: Decimal, cost: Decimal | None
) -> None:
    broker = position(1, quantity=quantity, avg_cost=cost)
    [row] = to_batch(
        [position_row(broker, None, source="batch")], POSITION_UPDATES.sent
    ).to_pylist()
    book = position(1, quantity=row["quantity"], avg_cost=row["avg_cost"])
    assert reconcile([book], [broker]).status == "matched"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"quantity": Decimal("1.40000001")}, "quantity"),
        ({"avg_cost": Decimal("60000.12000001")}, "avg_cost"),
    ],
)
def test_a_change_of_the_last_stored_decimal_is_a_break(
    changes: dict[str, Decimal], kind: str
) -> None:
    values = {"quantity": Decimal("1.4"), "avg_cost": Decimal("60000.12")}
    book, broker = position(1, **values), position(1, **values | changes)
    assert kinds(reconcile([book], [broker])) == [(1, kind)]


def test_a_cost_that_one_side_lacks_is_no_difference() -> None:
    known, unknown = position(1), position(1, avg_cost=None)
    assert reconcile([known], [unknown]).status == "matched"
    assert reconcile([unknown], [known]).status == "matched"
    assert reconcile([unknown], [unknown]).status == "matched"


def test_a_multiplier_that_old_rows_lost_divides_nothing() -> None:
    """Of 0.00004 a table with four decimals kept 0."""
    warrant = contract(1, sec_type="IOPT", multiplier=Decimal("0.00004"))
    lost = contract(1, sec_type="IOPT", multiplier=Decimal(0))
    book, broker = position(1, contract=lost), position(1, contract=warrant)
    assert reconcile([book], [broker]).status == "matched"


def test_a_number_too_large_for_any_column_is_compared_too() -> None:
    huge = position(1, quantity=Decimal("1e299"), avg_cost=Decimal("1e299"))
    assert reconcile([huge], [huge]).status == "matched"
    assert kinds(reconcile([position(1)], [huge])) == [(1, "quantity")]


def test_one_account_is_compared_alone() -> None:
    book = [position(1), position(2, account="DU2")]
    report = reconcile(book, [position(1)], account=ACCOUNT)
    assert (report.status, report.matched, report.account) == ("matched", 1, ACCOUNT)


def test_a_snapshot_asked_for_before_the_request_verifies_nothing() -> None:
    """Also when both sides happen to agree."""
    report = reconcile([position(1)], [position(1)], requested_at=at(CLOCKS_DIFFER_S + 0.1))
    assert (report.status, report.matched, report.breaks) == ("stale", 0, ())
    assert report.reason is not None
    assert "12:00:00" in report.reason


def test_a_stale_report_says_why_and_claims_no_match() -> None:
    report = stale("no snapshot", requested_at=NOON, completed_at=at(1), account=None)
    assert (report.status, report.reason, report.matched) == ("stale", "no snapshot", 0)
    assert report.snapshot_id is None


def test_an_account_that_no_side_has_is_stale_not_matched() -> None:
    report = reconcile([position(1)], [position(1)], account="TYPO")
    assert (report.status, report.matched) == ("stale", 0)
    assert "'TYPO'" in str(report.reason)


def unknown(*accounts: str) -> SnapshotHead:
    """Make the head of a snapshot that does not know the positions of some accounts."""
    words = {name: Unknown(at(-60), "TWS notice 2151: not available yet") for name in accounts}
    return msgspec.structs.replace(head("s1"), unknown=words)


def test_positions_that_are_not_known_verify_nothing() -> None:
    """Whatever the two sides say; in TWS's words."""
    both = [position(1), position(2, account="DU2")]
    for broker in (both, [], both[:1]):
        report = reconcile(both, broker, snapshot=unknown(""))
        assert (report.status, report.matched, report.breaks) == ("stale", 0, ())
        assert report.reason == (
            "positions unknown since 11:59:00 UTC: TWS notice 2151: not available yet"
        )
    one = reconcile(both, both, snapshot=unknown("DU2"), account="DU2/Growth")
    assert (one.status, one.matched) == ("stale", 0)


def test_an_account_that_is_not_known_leaves_the_others_alone() -> None:
    """They match or break; the whole is not matched, and nothing is reported of the account."""
    book = [position(1), position(2, account="DU2")]
    away = reconcile(book, [position(1)], snapshot=unknown("DU2"))
    assert (away.status, away.matched, away.breaks) == ("stale", 1, ())
    assert "positions of DU2 unknown since" in str(away.reason)
    broken = reconcile(book, [position(1, 11)], snapshot=unknown("DU2"))
    assert (broken.status, kinds(broken)) == ("broken", [(1, "quantity")])
    assert "positions of DU2 unknown since" in str(broken.reason)
    asked = reconcile(book, [position(1)], snapshot=unknown("DU2"), account="DU1")
    assert (asked.status, asked.reason) == ("matched", None)


def test_an_account_without_holdings_may_be_unknown() -> None:
    """TWS says so for as long as an application is not approved."""
    report = reconcile([position(1)], [position(1)], snapshot=unknown("DU9"))
    assert (report.status, report.reason) == ("matched", None)


def test_a_break_of_an_account_that_is_not_known_does_not_heal() -> None:
    book = [position(1, account="DU2", quantity=5)]
    found = reconcile(book, [position(1, account="DU2")])
    later = reconcile(
        book, book, snapshot=unknown("DU2"), open_breaks=found.breaks, completed_at=at(100)
    )
    assert (later.healed, later.status) == ((), "stale")
